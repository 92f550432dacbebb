"""The one script that is sent to each host to learn its state, and the sections of its answer.

One SSH session per host and few processes: under emulation starting a process is what costs.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from ops.inventory import HostEntry, Inventory

#: Seconds between the two samples of the wsrep figures: averages since the start say little about now.
SAMPLE = 0.5

MARK = "@@hactl"
SAMPLE_MARK = "--sample--"

#: Where MariaDB's configuration lies on the hosts (Debian), and the sums of what its running server has read of it.
CONFIG, IN_FORCE = "/etc/mysql/mariadb.conf.d", "/run/mariadb-ha/mariadb.sha256"

#: Its presence takes the node out of service; its text is the reason.
DRAINING = "/var/lib/mariadb-ha/draining"

UNITS = {
    "director": ("keepalived", "mariadb-ha-ipvs-sync", "mariadb-ha-drain-watch"),
    "galera": ("mariadb", "mariadb-ha-agent"),
    "realserver": ("mariadb-ha-lvsdr",),
}

_HEAD = f"""
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
part() {{ printf '{MARK} %s\\n' "$1"; shift; "$@" 2>&1; printf '\\n{MARK} = %s\\n' "$?"; }}
agent() {{ exec 3<>"/dev/tcp/$1/$2" && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && timeout 4 cat <&3; }}
draining() {{ [ ! -e {DRAINING} ] || {{ echo yes; cat {DRAINING}; }}; }}
# 0 when the galera-roll that set the flag is at work: it wrote its boot and its process there.
rolling() {{
  [ -r {DRAINING} ] && [[ $(<{DRAINING}) =~ ^roll.*[[:space:]]boot=([^[:space:]]+)[[:space:]]pid=([0-9]+) ]] || return 1
  [ "${{BASH_REMATCH[1]}}" = "$(</proc/sys/kernel/random/boot_id)" ] && grep -qs galera-roll "/proc/${{BASH_REMATCH[2]}}/cmdline"
}}
# What the running server has read was summed up when it started; without that file nothing is known, and nothing is said.
notinforce() {{
  local sums=$1 folder=$2 known line file
  [ -r "$sums" ] || return 0
  known=$(<"$sums")
  while IFS= read -r line; do
    case $line in *': FAILED'*) file=${{line%%: FAILED*}}; echo "${{file##*/}}" ;; esac
  done < <(sha256sum --check --quiet "$sums" 2>/dev/null)
  for file in "$folder"/7[0-2]-mariadb-ha*.cnf; do
    [ ! -e "$file" ] || case $known in *"$file"*) ;; *) echo "${{file##*/}}" ;; esac
  done
}}
part clock date +%s.%N
part addresses ip -j addr
part chrony timeout 4 chronyc -n -c tracking
part draining draining
part rolling rolling
"""

# Dirty reads: a node without quorum answers too. SLEEP between the samples costs no process.
_SQL = (
    "SET SESSION wsrep_dirty_reads=ON; SET SESSION wsrep_sync_wait=0; SHOW GLOBAL STATUS LIKE 'wsrep\\_%'; "
    f"SELECT CONCAT('{SAMPLE_MARK}', SLEEP({SAMPLE})); SHOW GLOBAL STATUS LIKE 'wsrep\\_%'; "
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only','wsrep_reject_queries','wsrep_node_name','version')"
)


def probe_script(inventory: Inventory, entry: HostEntry) -> str:
    """The script for a host: what its roles make worth asking."""
    units = [unit for role, names in UNITS.items() if entry.has(role) for unit in names]
    lines = [_HEAD, f"part units systemctl is-active {' '.join(units)}" if units else ""]
    if entry.has("director"):
        lines.append("part ipvs ipvsadm -Ln")
        # Newest first and stop at one: the answer is quick however long the journal is.
        lines.append("part vrrp timeout 6 journalctl -b -u keepalived -o cat -r -n 1 --no-pager -g 'Entering (MASTER|BACKUP|FAULT) STATE'")
    if entry.has("realserver"):
        lines.append("part lvsdr /usr/local/lib/mariadb-ha/lvsdr.sh status")
    if entry.has("galera"):
        port = inventory.galera.agent_port if inventory.galera else 9200
        lines.append(f"part sql timeout 8 mariadb --connect-timeout=4 --force --batch --skip-column-names -e {shlex.quote(_SQL)}")
        lines.append(f"part notinforce notinforce {IN_FORCE} {CONFIG}")
        lines.append(f"part agent agent {entry.address} {port}")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One section: the exit code of its command and what it printed, complaints included."""

    code: int
    text: str


def split_parts(answer: str) -> dict[str, Part]:
    """The sections of an answer by name. A section that was cut off is left out."""
    parts = {}
    for found in re.finditer(rf"^{MARK} (\w+)\n(.*?)\n?^{MARK} = (\d+)$", answer, re.MULTILINE | re.DOTALL):
        parts[found[1]] = Part(code=int(found[3]), text=found[2].strip("\n"))
    return parts
