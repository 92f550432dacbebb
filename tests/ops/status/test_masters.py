"""What `hactl status` says of a master behind directors that gets no clients, and of one server's facts."""

from __future__ import annotations

import pytest

from ops.kinds.master_master.findings import routed_elsewhere
from ops.roles.agent import Agent
from ops.roles.replication import parse_replication
from tests.programs.conftest import PROGRAMS  # noqa: F401  the servers' modules can be imported

import master_sql  # isort: skip
import replica_facts  # isort: skip


@pytest.mark.parametrize(
    ("status", "words", "draining", "severity", "said"),
    [
        (404, "stands by: db2 has the clients", False, "warning", "although routing prefers it"),
        (404, "replication is broken (error 1236), and db2 is whole", False, "problem", "error 1236"),
        (503, "read_only is ON (db2 does not answer, and may have writes that are not here)", False, "problem", "db2"),
        (404, "draining: maintenance", True, "", ""),
    ],
)
def test_a_server_without_clients(status: int, words: str, draining: bool, severity: str, said: str) -> None:
    found = routed_elsewhere("db1", Agent(status=status, words=words), peer="db2", draining=draining)
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    assert all(said in finding.what for finding in found)


def test_facts_ask_for_everything_that_is_parsed() -> None:
    """Texts of SQL are whole: a line break inside one would cut it without a word."""
    assert replica_facts.SQL.count("SHOW") == 2
    assert "Rpl_semi_sync" in replica_facts.SQL
    assert "Binlog Dump" in master_sql.SESSIONS


def test_semi_sync_is_read() -> None:
    text = (
        "@@GLOBAL.read_only\t@@GLOBAL.gtid_binlog_state\t@@version\n0\t0-1-8\t10.11\n"
        "                Master_Host: 172.16.21.6\n           Slave_IO_Running: Yes\n"
        "Variable_name\tValue\nRpl_semi_sync_master_clients\t1\nRpl_semi_sync_master_status\tON\n"
    )
    seen = parse_replication({"code": 0, "text": text})
    assert seen is not None
    assert seen.confirms
    assert seen.source == "172.16.21.6"
