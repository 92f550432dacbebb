"""The lab of a stack that `make up` did not bring up: the one lab of this checkout that has all its servers as hosts.
`make up` writes down its own (access.json)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

#: Patience for the lab's own command, in seconds.
PATIENCE = 60.0


def _labs(root: Path) -> dict[str, dict[str, str]]:
    """Addresses by host, by lab, as lab/hosts wrote them down (`spec`: name, address, …)."""
    found: dict[str, dict[str, str]] = {}
    for spec in sorted((root / ".state" / "lab").glob("*/hosts/*/spec")):
        words = spec.read_text().split()
        found.setdefault(spec.parents[2].name, {})[words[0]] = words[1]
    return found


def lab_of(hosts: Mapping[str, Mapping[str, Any]], root: Path) -> str | None:
    """The lab that has every server of the stack, by name and address; None: none has, or several, of which LAB_NAME
    names none. Whether they are the stack's is known by their SSH host keys, which are always checked.
    """
    servers = {name: entry.get("address") for name, entry in hosts.items() if entry.get("provisioner") == "bare-metal"}
    found = [name for name, made in _labs(root).items() if servers and servers.items() <= made.items()]
    named = os.environ.get("LAB_NAME")
    return named if named in found else found[0] if len(found) == 1 else None


def lab_access(hosts: Mapping[str, Mapping[str, Any]], root: Path, taken: set[str]) -> dict[str, Any]:
    """How the hosts are reached through their lab, and the client addresses that it gives but for `taken` ones; empty
    where they are in none."""
    lab = lab_of(hosts, root)
    if lab is None:
        return {}
    command = ["env", f"LAB_NAME={lab}"]
    access: dict[str, Any] = {"run": [*command, "lab/run"], "power": [*command, "lab/power"]}
    try:
        done = subprocess.run(
            [*command, str(root / "lab" / "hosts"), "add-client-addresses"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return access
    given = [line for line in done.stdout.splitlines() if _is_address(line)] if done.returncode == 0 else []
    return access | {"client_addresses": [address for address in given if address not in taken]}


def _is_address(line: str) -> bool:
    try:
        IPv4Address(line)
    except ValueError:
        return False
    return True
