"""keepalived's service on this host: configuration judged, started or reloaded when it is newer, and the VRRP state
that it has entered.
"""

from __future__ import annotations

import hashlib
import re

from mha_common import Failure, at, must, run, say
from mha_files import write_atomically

UNIT = "keepalived.service"
DIGEST = "/run/mariadb-ha/keepalived.sha256"


def digest() -> str:
    """Of every file below /etc/keepalived that keepalived may read."""
    total = hashlib.sha256()
    for file in sorted(at("/etc/keepalived").rglob("*")):
        if file.is_file() and not file.name.endswith((".old", ".new")):
            total.update(str(file).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


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
    now, known = digest(), at(DIGEST)
    active = shown("ActiveState").get("ActiveState") == "active"
    if active and known.exists() and known.read_text() == now:
        return False
    must(["systemctl", "reload" if active else "start", UNIT], todo=f"`journalctl -u {UNIT}`")
    say(f"{UNIT} {'reloaded' if active else 'started'}")
    write_atomically(known, now)
    return True
