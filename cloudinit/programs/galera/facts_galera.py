"""Facts of a Galera node: MariaDB's wsrep figures, sessions that hold others up, a state transfer, and files that the
running server has not read.

Part of host-facts. The client program asks MariaDB: under emulation it starts quicker than a driver is imported, and
beside us.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from mha_common import at
from sst_seen import sst_role, unanswered

UNITS: Sequence[str] = ("mariadb",)
#: Pause between the two samples of the wsrep figures (s): averages since the start say little about now.
SAMPLE = 0.5
#: Between the samples: how long it really was, in seconds (a busy server takes its time).
MARK = "--sample--"
#: Sums of what the running server has read, and where our files lie (roll_plan).
IN_FORCE, CONFIG, OURS = "/run/mariadb-ha/mariadb.sha256", "/etc/mysql/mariadb.conf.d", "7[0-2]-mariadb-ha*.cnf"

_FIGURES = "SHOW GLOBAL STATUS LIKE 'wsrep\\_%'"
#: Sessions that have waited for a lock, or changed a schema, for a while (s). Of the statement only its first words:
#: the rest may hold a password.
LONG = 10
_SESSIONS = (
    "SELECT 'session', ID, USER, TIME, IFNULL(STATE, ''), IFNULL(UPPER(REGEXP_SUBSTR(INFO,"
    " '^[[:space:]]*[[:alpha:]]+[[:space:]]+[[:alpha:]]+')), '') FROM information_schema.PROCESSLIST"
    f" WHERE COMMAND <> 'Daemon' AND ID <> CONNECTION_ID() AND TIME >= {LONG} AND (STATE LIKE 'Waiting for%lock' OR"
    " INFO RLIKE '^[[:space:]]*(ALTER|CREATE|DROP|RENAME|TRUNCATE|OPTIMIZE|GRANT|REVOKE)[[:space:]]')"
    " ORDER BY TIME DESC LIMIT 20"
)
#: Dirty reads: a node without quorum answers too. Single variables: SHOW VARIABLES builds a row for each of a thousand.
SQL = (
    f"SET SESSION wsrep_dirty_reads=ON; SET SESSION wsrep_sync_wait=0; SET @began=SYSDATE(6); {_FIGURES}; DO "
    f"SLEEP({SAMPLE}); SELECT CONCAT('{MARK}', TIMESTAMPDIFF(MICROSECOND, @began, SYSDATE(6)) / 1e6); {_FIGURES}; "
    "SELECT 'read_only', IF(@@global.read_only, 'ON', 'OFF'); SELECT 'wsrep_desync', IF(@@global.wsrep_desync, 'ON', "
    f"'OFF'); {_SESSIONS}; SELECT 'wsrep_reject_queries', "
    "@@global.wsrep_reject_queries; SELECT 'wsrep_node_name', @@global.wsrep_node_name; SELECT 'version', @@version"
)


def commands() -> dict[str, Sequence[str]]:
    return {"wsrep": ["mariadb", "--connect-timeout=30", "--force", "--batch", "--skip-column-names", "-e", SQL]}


def not_in_force() -> list[str]:
    """Names of our files that are not as the running server has read them.

    Without its sums nothing is known, and nothing is said.
    """
    try:
        known = dict(line.split(None, 1)[::-1] for line in at(IN_FORCE).read_text().splitlines() if line.strip())
    except OSError:
        return []
    now = {file: hashlib.sha256(at(file).read_bytes()).hexdigest() if at(file).exists() else "" for file in known}
    changed = {file.rpartition("/")[2] for file, found in known.items() if now[file] != found}
    read = {file.rpartition("/")[2] for file in known}
    return sorted(changed | {file.name for file in at(CONFIG).glob(OURS)} - (read - changed))


def facts(said: Callable[[str], tuple[int, str]]) -> dict[str, Any]:
    before = unanswered()
    code, text = said("wsrep")  # takes SAMPLE at the least: what waits before and after it waits
    waits = sorted({before[one] for one in before.keys() & unanswered().keys()})
    return {
        "not_in_force": not_in_force(),
        "wsrep": {"code": code, "text": text},
        "transfer": {"role": sst_role(), "unanswered": waits},
    }
