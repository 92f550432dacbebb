#!/usr/bin/python3
"""What the stack changed on this host beside its files, so that `withdraw` can put it back:
/var/lib/mariadb-ha/host-changes.json.

{"packages": [installed by us, dependencies too], "asked": [those of them that the plan named], "removed": [packages
that made way], "packages_before": [all that were there, only while an installation is not settled], "units": {UNIT:
{"enabled", "active"}} and "sysctls": {KEY: VALUE} as they were before the stack}.
"""

from __future__ import annotations

import json
from typing import Any

from mha_common import at, run
from mha_files import read_object, write_atomically

CHANGES = "/var/lib/mariadb-ha/host-changes.json"
ENROLLED = "/var/lib/mariadb-ha/enrolled-packages"  # written by the enrol script before there is a Python
IDENTITY = "/var/lib/mariadb-ha/stack.json"  # written by the enrol script too
#: Units of packages that a host may have had before the stack.
STOCK = ("chrony.service", "keepalived.service", "mariadb.service", "nftables.service", "nginx.service")


def load() -> dict[str, Any]:
    return read_object(CHANGES)


def save(changes: dict[str, Any]) -> None:
    write_atomically(at(CHANGES), json.dumps(changes, indent=1, sort_keys=True) + "\n")


def installed() -> set[str]:
    """Every package that is installed (dpkg-query(1))."""
    shown = run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n"]).stdout
    return {line.split()[0] for line in shown.splitlines() if line.endswith(" installed")}


def enrolled() -> set[str]:
    """Packages that the enrol script installed."""
    file = at(ENROLLED)
    return set(file.read_text().split()) if file.exists() else set()


def before_packages(missing: list[str]) -> None:
    """Write down what is installed, before the `missing` ones are.

    An installation that was cut short keeps the older list.
    """
    changes = load()
    changes["asked"] = sorted({*changes.get("asked", []), *missing})
    save({"packages_before": sorted(installed()), **changes})


def settle_packages() -> dict[str, Any]:
    """Turn the list from before into what was installed and what made way. The record as it is then."""
    changes = load()
    if "packages_before" in changes:
        before, now = set(changes.pop("packages_before")), installed()
        changes["packages"] = sorted((set(changes.get("packages", [])) | (now - before)) & now)
        changes["removed"] = sorted((set(changes.get("removed", [])) | (before - now)) - now)
        save(changes)
    return changes


def remember_units() -> None:
    """The stock units as they were before the stack, once. A VM, which nobody has enrolled, has no such life."""
    changes = load()
    if "units" not in changes and at(IDENTITY).exists():
        changes["units"] = {
            unit: {"enabled": asked("is-enabled", unit), "active": asked("is-active", unit)} for unit in STOCK
        }
        save(changes)


def asked(question: str, unit: str) -> str:
    """systemctl's one word; empty for a unit it does not know."""
    return run(["systemctl", question, unit]).stdout.strip()


def remember_sysctl(key: str, value: str) -> None:
    """A kernel setting's value from before the stack, once a key."""
    changes = load()
    if key not in changes.setdefault("sysctls", {}):
        changes["sysctls"][key] = value
        save(changes)
