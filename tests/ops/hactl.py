"""hactl in a process of its own, in a project of its own, with hosts that are a fake `ssh` on PATH."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.ops import stack, warm

Hactl = Callable[..., "subprocess.CompletedProcess[str]"]

#: A host prints the file of its address, with the time for @NOW@; one without a file cannot be reached.
ANSWERING_SSH = """#!/bin/sh
cat >/dev/null
for word; do case $word in *@*) address=${word#*@} ;; esac; done
[ -e "$ANSWERS/$address" ] || { echo "ssh: connect to host $address port 22: No route to host" >&2; exit 255; }
sed "s/@NOW@/$(date +%s.%N)/" "$ANSWERS/$address"
"""


def healthy_answers() -> dict[str, str]:
    """What host-facts prints on a healthy stack's hosts, by address."""
    answers = {}
    facts = stack.facts()
    for host, entry in stack.inventory().hosts.items():
        mine = facts[host]
        said: dict[str, Any] = {"clock": "@NOW@", "addresses": mine.addresses, "units": mine.units, "draining": None}
        if entry.has("director"):
            addresses = ("172.16.21.181", "172.16.21.182")
            servers = "\n".join(f"  -> {a}:3306           Route   1      0          0" for a in addresses)
            said["ipvs"] = {"code": 0, "text": f"TCP  {stack.VIP}:3306 rr persistent 50\n{servers}"}
        else:
            lines = [f"{name}\t{value}" for name, value in stack.wsrep().first.items()]
            said["wsrep"] = {"code": 0, "text": "\n".join([*lines, "--sample--0.51", *lines, "read_only\tOFF"])}
            said["agent"] = {"status": 200, "words": "ok: Synced", "seconds": 0.01}
        if entry.has("realserver"):
            said["lvsdr"] = {"code": 0, "text": "running"}
        answers[entry.address] = json.dumps(said)
    return answers


def make_hactl(
    project: Path, inventory: Mapping[str, Any], *, ssh: str, answers: Mapping[str, str], first: str = ""
) -> Hactl:
    """Gives what runs hactl in `project`. `answers` are files by address, which a test may change; `first`: Python that
    runs before."""
    work, bin_dir, folder = project / ".state" / "dev", project / "bin", project / "answers"
    for each in (work, bin_dir, folder):
        each.mkdir(parents=True)
    (work / "inventory.json").write_text(json.dumps(inventory))
    for address, text in answers.items():
        (folder / address).write_text(text)
    (bin_dir / "ssh").write_text(ssh)
    (bin_dir / "ssh").chmod(0o755)

    def run(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        path = f"{bin_dir}:{os.environ['PATH']}"
        own = {"PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "160", "ANSWERS": str(folder)}
        return warm.run(project, arguments, {**os.environ, **own, **(env or {})}, first=first)

    return run
