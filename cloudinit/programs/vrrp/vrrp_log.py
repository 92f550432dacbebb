"""The state that keepalived entered last, for host-facts: asked of the journal only where no VIP is here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from facts_host import addresses

# Newest first and stop at one: the answer is quick however long the journal is.
LOG: Sequence[str] = (
    *("journalctl", "-b", "-u", "keepalived", "-o", "cat", "-r", "-n", "1", "--no-pager"),
    *("-g", "Entering (MASTER|BACKUP|FAULT) STATE"),
)


def holds_a_vip(vips: Iterable[str]) -> bool:
    """True when a VIP is on a link: the address is the truth, and the journal need not be asked."""
    wanted = set(vips)
    return any(wanted & set(present) for interface, present in addresses().items() if interface != "lo")


def commands(vips: Iterable[str]) -> dict[str, Sequence[str]]:
    return {} if holds_a_vip(vips) else {"vrrp": LOG}


def facts(vips: Iterable[str], said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    try:
        return {"vrrp_log": "" if holds_a_vip(vips) else said("vrrp")[1]}
    except KeyError:  # it held a VIP when the commands were chosen, and has lost it since
        return {"vrrp_log": ""}
