"""keepalived's service on this host: configuration judged, started or reloaded when it is newer, and the VRRP state
that it has entered.
"""

from __future__ import annotations

import re

import reload_unit
from mha_common import Failure, at, run

UNIT = "keepalived.service"


def check() -> None:
    done = run(["keepalived", "-t", "-f", str(at("/etc/keepalived/keepalived.conf"))], timeout=60)
    if done.returncode:
        words = " / ".join((done.stderr + done.stdout).strip().splitlines()[-8:])
        refusal = f"keepalived -t refuses the configuration (exit {done.returncode}): {words}"
        raise Failure(refusal, todo="correct the setting it names; the running one stays in force")


def shown(*properties: str) -> dict[str, str]:
    output = run(["systemctl", "show", UNIT, "-p", ",".join(properties)], timeout=60).stdout
    return dict(line.split("=", 1) for line in output.splitlines() if "=" in line)


def vrrp_state(invocation: str) -> str | None:
    """The last state that this run of keepalived has entered, from its journal."""
    match = ["-u", UNIT] if not invocation else [f"_SYSTEMD_INVOCATION_ID={invocation}"]
    lines = run(["journalctl", "-b", "-o", "cat", "--no-pager", *match], timeout=60).stdout
    states = re.findall(r"Entering (MASTER|BACKUP|FAULT) STATE", lines)
    return str(states[-1]) if states else None


def bring_up() -> bool:
    """Start or reload; False when there was nothing to do."""
    return reload_unit.bring_up(UNIT, "/etc/keepalived")
