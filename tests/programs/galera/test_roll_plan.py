"""What a changed set takes, what never rolls, and whether the running server has read its files."""

from __future__ import annotations

import hashlib

import pytest
from apply_deliver import Changes
from apply_files import Entry
from roll_plan import as_found, immutable_changes, options, wanted_config, work
from server_in_force import in_force

from tests.programs.conftest import Desk

SERVER = "/etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf"
WSREP = "/etc/mysql/mariadb.conf.d/71-mariadb-ha-wsrep.cnf"
MEMBERS = "/etc/mysql/mariadb.conf.d/73-mariadb-ha-members.cnf"
ENV = "/etc/mariadb-ha/galera.env"
AGENT = "/usr/local/lib/mariadb-ha/health-agent"
RESTART = "restart mariadb-ha-agent.service"


def entry(path: str, content: str = "") -> Entry:
    return Entry(path, content, 0o644, 0, 0, None, [RESTART] if path in (ENV, AGENT) else [])


@pytest.mark.parametrize(
    ("changed", "gone", "pending", "server", "agent"),
    [
        ({SERVER: ["content"]}, {}, set(), True, False),
        ({WSREP: ["content"], ENV: ["content"]}, {}, set(), True, True),
        ({MEMBERS: ["content"]}, {}, set(), False, False),
        ({ENV: ["content"], MEMBERS: ["content"]}, {}, set(), False, True),
        ({AGENT: ["content"]}, {}, set(), False, True),
        ({SERVER: ["mode", "owner"], AGENT: ["mode"]}, {}, set(), False, False),
        ({}, {"/etc/mysql/mariadb.conf.d/79-gone.cnf": []}, set(), True, False),
        ({}, {AGENT: [RESTART]}, set(), False, True),
        ({}, {}, {RESTART}, False, True),
    ],
)
def test_work(
    changed: dict[str, list[str]], gone: dict[str, list[str]], pending: set[str], server: bool, agent: bool
) -> None:
    wanted = {path: entry(path) for path in (SERVER, WSREP, MEMBERS, ENV, AGENT)}
    found = work(wanted, Changes(changed, gone, pending))
    assert (found.server, found.agent) == (server, agent)


def test_options() -> None:
    assert options('# port = 1\n[mariadbd]\nport = 3306\nskip-name-resolve = ON\nNODE="mdb1"\n') == {
        "port": "3306",
        "skip_name_resolve": "ON",
        "NODE": "mdb1",
    }


@pytest.mark.parametrize(
    ("path", "before", "after", "key"),
    [
        (WSREP, "wsrep_cluster_name = one\n", "wsrep_cluster_name = two\n", "wsrep_cluster_name"),
        (SERVER, "port = 3306\n", "port = 3307\n", "port"),
        (SERVER, "datadir = /var/lib/mysql\n", "datadir = /srv\n", "datadir"),
        (ENV, 'AGENT_PORT="9200"\n', 'AGENT_PORT="9201"\n', "AGENT_PORT"),
    ],
)
def test_what_never_rolls_is_named_with_its_reason(desk: Desk, path: str, before: str, after: str, key: str) -> None:
    desk.write(path, before)
    assert immutable_changes({path: entry(path, before)}, [path]) == []
    found = immutable_changes({path: entry(path, after)}, [path])
    assert len(found) == 1
    assert found[0].startswith(f"{key} would change from ")
    assert ": " in found[0]


def test_a_file_that_is_new_changes_nothing_fixed(desk: Desk) -> None:
    assert immutable_changes({SERVER: entry(SERVER, "port = 3306\n")}, [SERVER]) == []


def test_in_force_is_what_the_start_has_read(desk: Desk) -> None:
    assert not in_force(), "a server that wrote nothing down may have read anything"
    lines = []
    for path in (SERVER, WSREP):
        file = desk.write(path, f"{path}\n")
        lines.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {path}\n")
    desk.write("/run/mariadb-ha/mariadb.sha256", "".join(lines))
    assert in_force()
    desk.write(MEMBERS, "gcomm://somebody-new\n")
    assert in_force(), "members are read at a start only: nothing has to be restarted for them"
    desk.write(SERVER, "changed\n")
    assert not in_force()
    desk.write(SERVER, f"{SERVER}\n")
    desk.write("/etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf", "new\n")
    assert not in_force()


def test_the_way_back_is_what_lies_there(desk: Desk) -> None:
    desk.write(SERVER, "by hand\n", 0o600)
    found = as_found({SERVER: entry(SERVER, "new\n"), WSREP: entry(WSREP, "new\n")}, {})
    assert list(found) == [SERVER], "what was not there before goes again"
    assert (found[SERVER].content, found[SERVER].mode) == ("by hand\n", 0o600)


def test_configuration_to_come(desk: Desk) -> None:
    text = (
        '# Generated\nNODE="mdb2"\nNODES="mdb1=10.0.0.1 '
        'mdb2=10.0.0.2"\nREFERENCE=""\nAGENT_PORT="9200"\nPORT="3306"\nDATADIR="/var/lib/mysql"\n'
    )
    found = wanted_config({ENV: entry(ENV, text)})
    assert found
    assert (found.node, list(found.nodes), found.port) == ("mdb2", ["mdb1", "mdb2"], 3306)
    assert wanted_config({}) is None
