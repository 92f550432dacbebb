"""What the promoter of a server of the pair said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Promoter:
    """What a host's promoter said; see cloudinit/programs/promoter. `heard`: it answered at all."""

    heard: bool
    active: bool | None = None
    vip: bool = False
    right: bool = False
    eligible: bool = False
    why: str = ""
    ineligible: str = ""
    needs_person: bool = False
    peer_heard: bool = True
    fencing: bool = False


def parse_promoter(said: Mapping[str, Any]) -> Promoter | None:
    """From what host-facts said; None on a host without one."""
    if "promoter" not in said:
        return None
    found = said["promoter"]
    if not found:
        return Promoter(heard=False)
    names = ("active", "vip", "right", "eligible", "why", "ineligible", "needs_person", "peer_heard", "fencing")
    return Promoter(heard=True, **{name: found[name] for name in names if name in found})
