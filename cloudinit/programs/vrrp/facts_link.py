"""Who else claims this host's VIPs on the link, or speaks their virtual router id. Part of host-facts.

The ears are opened before anything else is asked, so that most of the waiting is done beside it. What is heard from
the stack's own hosts is told too: who belongs to the stack is for the reader to know.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from facts_host import addresses
from link_ear import ArpEar, VrrpEar
from vrrp_config import Instance, instances

UNITS: Sequence[str] = ()
#: How long to listen (s): a bit more than an advert interval, ours or the usual second, and never longer than LONGEST.
USUAL, MARGIN, LONGEST = 1.0, 1.2, 3.0

Ears = tuple[ArpEar, VrrpEar]
#: What commands() opened: when, the instances with their ears, and why they have none.
_opened: list[tuple[float, list[tuple[Instance, Ears | None]], str]] = []


def own_address(one: Instance) -> str:
    found = (each for each in addresses().get(one.interface, []) if "." in each and each not in one.vips)
    return one.source or next(found, "0.0.0.0")  # noqa: S104  the sender of a probe without address (RFC 5227)


def open_ears(known: Sequence[Instance]) -> tuple[list[tuple[Instance, Ears | None]], str]:
    try:
        return [(one, (ArpEar(one.interface, own_address(one), one.vips), VrrpEar(one.interface))) for one in known], ""
    except OSError as error:
        return [(one, None) for one in known], error.strerror or str(error)


def commands() -> dict[str, Sequence[str]]:
    _opened[:] = [(time.monotonic(), *open_ears(instances()))]
    return {}


def link(one: Instance, ears: Ears | None) -> dict[str, Any]:
    heard = sorted(advert for advert in ears[1].adverts() if advert[0] == one.router_id) if ears else []
    return {
        "instance": one.name,
        "interface": one.interface,
        "virtual_router_id": one.router_id,
        "unicast": bool(one.source),
        "vips": list(one.vips),
        "claims": ears[0].answers() if ears else {},
        "adverts": [{"source": source, "priority": priority} for _, source, priority in heard],
    }


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    began, opened, error = _opened[0]
    if opened and not error:
        wanted = min(MARGIN * max(USUAL, *(one.advert_int for one, _ in opened)), LONGEST)
        time.sleep(max(began + wanted - time.monotonic(), 0))
    return {"links": [link(*each) for each in opened], "link_error": error}
