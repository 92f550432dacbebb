"""What a Galera node says of itself: the wsrep figures twice, the health agent's verdict, the draining flag, and whether MariaDB runs
with its configuration as it is now."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from galera_flag import read_flag
from galera_state import Config, http_get, load_config
from mha_common import Failure, at
from mha_sql import SqlError, connect, query

if TYPE_CHECKING:
    import pymysql

UNITS = ("mariadb", "mariadb-ha-agent")
#: Seconds between the two samples: averages since the start say little about now.
SAMPLE = 0.5
#: Patience with MariaDB and with the agent, in seconds.
PATIENCE = 15.0
VARIABLES = ("read_only", "wsrep_reject_queries", "wsrep_node_name", "version")
#: What the server has read at its start, as its unit summed it up then (sha256sum), and where that lies.
IN_FORCE, FOLDER, OURS = "/run/mariadb-ha/mariadb.sha256", "/etc/mysql/mariadb.conf.d", "7[012]-mariadb-ha*.cnf"


class Subject:
    """The first sample is taken at once; `facts` takes the second."""

    def __init__(self, addresses: Mapping[str, Sequence[str]]) -> None:
        self.connection: pymysql.connections.Connection[Any] | None = None
        self.first: dict[str, str] = {}
        self.error = ""
        try:
            self.connection = connect(timeout=PATIENCE)
            # A node without quorum answers too.
            query(self.connection, "SET SESSION wsrep_dirty_reads=ON")
            self.first = _figures(self.connection)
        except SqlError as error:
            self.error = " ".join(str(error).split()) or "no reason given"
        self.taken = time.monotonic()

    def facts(self) -> dict[str, Any]:
        """{"sql", "agent", "draining": the flag's text or None, "rolling", "not_in_force": [file names]}."""
        flag = read_flag()
        rest = {
            "agent": agent_says(),
            "draining": flag.reason if flag else None,
            "rolling": bool(flag and flag.at_work),
            "not_in_force": not_in_force(),
        }
        return {"sql": self._second(), **rest}

    def _second(self) -> dict[str, Any]:
        """{"error"}, or {"first", "last": figures, "seconds" between them, "variables"}."""
        if self.connection is None or self.error:
            return {"error": self.error}
        time.sleep(max(0.0, self.taken + SAMPLE - time.monotonic()))
        try:
            last = _figures(self.connection)
            span = time.monotonic() - self.taken
            columns = ", ".join(f"@@GLOBAL.{name}" for name in VARIABLES)
            values = query(self.connection, f"SELECT {columns}")[0]
        except SqlError as error:
            return {"error": " ".join(str(error).split()) or "no reason given"}
        finally:
            self.connection.close()
        variables = {name: _shown(value) for name, value in zip(VARIABLES, values, strict=True)}
        return {"first": self.first, "last": last, "seconds": round(span, 3), "variables": variables}


def _figures(connection: pymysql.connections.Connection[Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in query(connection, "SHOW GLOBAL STATUS LIKE 'wsrep\\_%'")}


def _shown(value: object) -> str:
    """A system variable as SHOW prints it: a Boolean comes as a number."""
    return {0: "OFF", 1: "ON"}.get(value, str(value)) if isinstance(value, int) else str(value)


def agent_says() -> dict[str, Any]:
    """The health agent's verdict: {"status": HTTP status, 0 for none, "words", "seconds" until it was there}."""
    began = time.monotonic()
    try:
        config: Config = load_config()
        status, body = http_get(config.nodes[config.node], config.agent_port, "/", timeout=PATIENCE)
        words = (body.strip().splitlines() or [""])[0]
    except Failure as failure:
        status, words = 0, failure.what
    except (OSError, ValueError, IndexError) as error:
        status, words = 0, f"no answer ({error})"
    return {"status": status, "words": words, "seconds": round(time.monotonic() - began, 3)}


def not_in_force() -> list[str]:
    """Our files that the running server has not read as they are now; nothing where its unit left no sums: nothing is known then."""
    try:
        lines = at(IN_FORCE).read_text().splitlines()
    except OSError:
        return []
    read = {path.rpartition("/")[2]: digest for digest, _, path in (line.partition("  ") for line in lines)}
    now = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in at(FOLDER).glob(OURS)}
    return sorted(name for name in read.keys() | now.keys() if read.get(name) != now.get(name))
