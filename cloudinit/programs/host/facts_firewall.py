"""Facts of the firewall: whether the stack's rule set is in the kernel, and whether it will be before the next boot's
network. Part of host-facts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

UNITS: Sequence[str] = ()
CHAIN = ["nft", "list", "chain", "inet", "mariadb_ha", "input"]
#: What `systemctl enable` makes of Debian's unit, and where a masked one leads to /dev/null.
ENABLED = "/etc/systemd/system/sysinit.target.wants/nftables.service"
MASK = "/etc/systemd/system/nftables.service"
ROOT = os.environ.get("MHA_ROOT", "")


def commands() -> dict[str, Sequence[str]]:
    return {"firewall": CHAIN}


def loaded(answer: tuple[int, str]) -> bool | None:
    """Whether what is not admitted is dropped; None where nft does not tell."""
    code, text = answer
    if code == 0:
        return "policy drop" in text
    return False if "No such file or directory" in text and "nft:" not in text else None


def at_boot() -> bool:
    """Whether nftables.service is started at boot, by its links: no process is started. Debian's own comes before the
    network (network-pre.target).
    """
    return Path(ROOT + ENABLED).is_symlink() and not Path(ROOT + MASK).is_symlink()


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    return {"firewall": {"loaded": loaded(said("firewall")), "at_boot": at_boot()}}
