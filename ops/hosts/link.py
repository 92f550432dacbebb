"""What a host with a VRRP instance heard on its link: adverts of that router id, and who says that a VIP is his."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Link:
    """`claims`: by VIP the MAC addresses that answered for it; `adverts`: priority by source address. The host's own
    words are in neither."""

    instance: str
    interface: str
    virtual_router_id: int
    unicast: bool
    vips: tuple[str, ...]
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    adverts: Mapping[str, int] = field(default_factory=dict)


def parse_links(said: Mapping[str, Any]) -> tuple[Link, ...]:
    """From what host-facts said; none on a host without VRRP."""
    return tuple(
        Link(
            instance=found["instance"],
            interface=found["interface"],
            virtual_router_id=found["virtual_router_id"],
            unicast=found["unicast"],
            vips=tuple(found["vips"]),
            claims={vip: tuple(macs) for vip, macs in found["claims"].items()},
            adverts={advert["source"]: advert["priority"] for advert in found["adverts"]},
        )
        for found in said.get("links", ())
    )
