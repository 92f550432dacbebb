"""Facts of the firewall: whether the stack's rule set is in the kernel, and whether it will be before the next boot's
network. Part of host-facts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

UNITS: Sequence[str] = ()
CHAIN = ["nft", "list", "chain", "inet", "mariadb_ha", "input"]
ENABLED = ["systemctl", "is-enabled", "nftables.service"]
#: systemctl's words for a unit that no boot starts.
NOT_STARTED = ("disabled", "masked", "masked-runtime", "not-found")


def commands() -> dict[str, Sequence[str]]:
    return {"firewall": CHAIN, "firewall_at_boot": ENABLED}


def loaded(answer: tuple[int, str]) -> bool | None:
    """Whether what is not admitted is dropped; None where nft does not tell."""
    code, text = answer
    if code == 0:
        return "policy drop" in text
    return False if "No such file or directory" in text and "nft:" not in text else None


def at_boot(answer: tuple[int, str]) -> bool | None:
    """Whether nftables.service is started at boot; Debian's own comes before the network (network-pre.target)."""
    word = answer[1].strip()
    return True if word == "enabled" else False if word in NOT_STARTED else None


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    return {"firewall": {"loaded": loaded(said("firewall")), "at_boot": at_boot(said("firewall_at_boot"))}}
