"""What host-facts tells of VRRP: the state that keepalived entered last, where no VIP says it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from facts_host import addresses

#: Newest first and stop at one: the answer is quick however long the journal is.
LOG: Sequence[str] = (
    *("journalctl", "-b", "-u", "keepalived", "-o", "cat", "-r", "-n", "1", "--no-pager"),
    *("-g", "Entering (MASTER|BACKUP|FAULT) STATE"),
)


def holds_any(vips: Iterable[str]) -> bool:
    """True when a VIP is on a link: the address is the truth, and the journal need not be asked."""
    wanted = set(vips)
    return any(wanted & set(present) for interface, present in addresses().items() if interface != "lo")
