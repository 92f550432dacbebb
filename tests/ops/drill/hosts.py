"""Hosts that are a folder each: the scripts of a drill are run for real, by bash, with stand-ins for the programs that
would break this machine. Each stand-in writes down what it was asked."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ops.hosts.shell import Answer

#: A line of the log when the armed repair has been carried out, with its exit code.
CAME = "the armed repair came:"
LOGS = 'echo "$(basename "$0") $*" >>"$ROOT/log"\n'
PROGRAMS = {
    # A timer is a file; what it starts is a process that outlives whoever asked for it.
    "systemd-run": LOGS
    + """: >"$ROOT/armed"
for last; do :; done
setsid sh -c 'sleep 1; [ -e "$ROOT/armed" ] || exit 0
    bash "$1"; echo "the armed repair came: $?" >>"$ROOT/log"
    rm -f "$ROOT/armed"' sh "$last" >/dev/null 2>&1 </dev/null &
""",
    "systemctl": LOGS
    + """case "$*" in
"is-active --quiet mariadb-ha-drill-undo.timer") [ -e "$ROOT/armed" ] ;;
"stop mariadb-ha-drill-undo.timer") rm -f "$ROOT/armed" ;;
"start mariadb-ha-drill-undo.service") bash "$ROOT/run/mariadb-ha-drill-undo.sh" ;;
"show "*) echo inactive ;;
esac
""",
    "nft": LOGS
    + """case "$*" in
"-f -") cat >"$ROOT/table" ;;
delete*) rm -f "$ROOT/table" ;;
list*) [ -e "$ROOT/table" ] ;;
*) : >"$ROOT/table" ;;
esac
""",
    "pkill": LOGS,
    "drbdadm": LOGS,
    # It leaves the host draining until it is put back.
    "switchover": LOGS
    + """case "$*" in
--put-back) rm -f "$ROOT/var/draining" ;;
*) : >"$ROOT/var/draining" ;;
esac
""",
    "fence": LOGS,
    "virsh": LOGS
    + """case "$*" in
*domstate*) [ -e "$ROOT/off" ] && echo "shut off" || echo running ;;
*destroy*) : >"$ROOT/off" ;;
*start*) rm -f "$ROOT/off"; echo "the armed repair came: 0" >>"$ROOT/log" ;;
esac
""",
    "power": LOGS
    + """case $2 in
off) : >"$ROOT/off" ;;
on) rm -f "$ROOT/off"; echo "the armed repair came: 0" >>"$ROOT/log" ;;
esac
""",
}


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A host, or several that are not told apart."""

    root: Path

    def make(self) -> None:
        """Lays the stand-ins."""
        for name in ("bin", "run", "var"):
            (self.root / name).mkdir(parents=True)
        for name, text in PROGRAMS.items():
            file = self.root / "bin" / name
            file.write_text(f"#!/bin/bash\n{text}")
            file.chmod(0o755)

    @property
    def env(self) -> dict[str, str]:
        """What programs on it see."""
        return {**os.environ, "ROOT": str(self.root), "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}"}

    def log(self) -> list[str]:
        """What its programs were asked, in order."""
        file = self.root / "log"
        return file.read_text().splitlines() if file.exists() else []

    def broken(self) -> list[str]:
        """What is not as it was before."""
        return [name for name in ("off", "table", "var/draining") if (self.root / name).exists()]

    def run(self, host: str, script: str, *, timeout: float = 30.0) -> Answer:
        """See `Shell.run`."""
        here = script.replace("/run/mariadb-ha", f"{self.root}/run/mariadb-ha")
        here = here.replace("/var/lib/mariadb-ha", f"{self.root}/var").replace("/usr/local/lib/mariadb-ha/", "")
        done = subprocess.run(
            ["bash", "-s"], input=here, capture_output=True, text=True, check=False, env=self.env, timeout=60
        )
        return Answer(reached=True, code=done.returncode, out=done.stdout, error=done.stderr)

    def follow(self, host: str, script: str, *, timeout: float, say: object) -> Answer:
        """See `Shell.follow`."""
        return self.run(host, script, timeout=timeout)
