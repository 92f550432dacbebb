"""Whom the real haproxy sends reads to when servers are late, silent, or say no, with the plan's own files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.image_root import inside
from tests.unit.test_balancing import HAPROXY, plan

DESK = ROOT / "tests/programs/balancer/haproxy_desk.py"
USERS = "/etc/haproxy/mariadb-ha-users.cfg"
SERVERS = {"r1": "172.16.21.53", "r2": "172.16.21.54", "writer": "172.16.21.50"}
BOTH = ("r1", "r2")
Play = Callable[..., list[Any]]


def all_of(value: Any, *names: str) -> dict[str, Any]:
    return dict.fromkeys(names or BOTH, value)


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """What was seen at these steps (haproxy_desk.py), with reads_when_all_lag as given."""

    def played(instead: str, *steps: Any) -> list[Any]:
        # haproxy's port for writes is on all addresses, those of the servers beside it too
        host = plan(balancers__reads_when_all_lag=instead, balancers__write_port=3308).hosts["lb1"]
        given = {
            "addresses": SERVERS, "port": 3306, "agent_port": 9200, "read_port": 3307, "files": [HAPROXY, USERS],
            "socket": "/run/haproxy/admin.sock", "steps": [["wait", "replicas", all_of("UP")], *steps],
        }  # fmt: skip
        extra = {"/desk/haproxy_desk.py": DESK.read_text(), "/desk/steps.json": json.dumps(given)}
        done = inside(tmp_path, host, "python3 /desk/haproxy_desk.py", extra)
        assert done.returncode == 0, done.stderr
        found: list[Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    return played


def test_all_late_at_once_keep_sessions_and_new_clients(play: Play) -> None:
    """Those that are late beside nobody who answers: no session ends, and new ones are let in."""
    seen = play(
        "master",
        ["open"], ["open"],
        ["say", all_of(504, *SERVERS)],
        ["wait", "replicas", all_of("NOLB", *SERVERS)],
        ["reads", 6], ["alive"],
        ["say", all_of(200, *SERVERS)],
        ["wait", "replicas", all_of("UP", *SERVERS)],
        ["reads", 6], ["alive"],
    )  # fmt: skip
    first, second, late, alive, later, still = seen
    assert {first, second} <= set(BOTH)
    assert late == later == [*BOTH]
    assert alive == still == [first, second]


def test_late_replicas_keep_sessions_while_the_writer_takes_new_ones(play: Play) -> None:
    late: list[Any] = [["say", all_of(504)], ["wait", "replicas", all_of("NOLB")]]
    first, reads, alive = play("master", ["open"], *late, ["reads", 3], ["alive"])
    assert reads == ["writer"]
    assert alive == [first]
    assert first in BOTH


def test_all_silent_at_once_are_kept_for_new_clients(play: Play) -> None:
    seen = play("master", ["say", all_of(0, *SERVERS)], ["wait", "replicas", all_of("DOWN", *SERVERS)], ["reads", 6])
    assert seen == [[*BOTH]]


NO = (["say", all_of(503)], ["wait", "replicas", all_of("DOWN")], ["wait", "held", all_of("DOWN")])


@pytest.mark.parametrize(("instead", "expected"), [("master", ["writer"]), ("refuse", [""]), ("replicas", [*BOTH])])
def test_replicas_that_say_no_leave_it_to_the_settings(play: Play, instead: str, expected: list[str]) -> None:
    assert play(instead, *NO, ["reads", 6]) == [expected]


def test_a_plain_no_is_none_that_silence_takes_back(play: Play) -> None:
    seen = play("refuse", *NO, ["say", {"r1": 504, "r2": 0}], ["heard", [*BOTH]], ["reads", 6])
    assert seen == [[""]]


def test_one_that_is_silent_beside_one_that_answers_is_out(play: Play) -> None:
    """And is not in again by being late."""
    seen = play(
        "refuse",
        ["open"], ["open"],
        ["say", {"r1": 0}], ["wait", "replicas", {"r1": "DOWN"}], ["reads", 6], ["alive"],
        ["say", {"r1": 504}], ["heard", ["r1"]], ["reads", 6],
        ["say", {"r2": 503}], ["wait", "replicas", {"r2": "DOWN"}], ["wait", "held", {"r2": "DOWN"}], ["reads", 6],
    )  # fmt: skip
    first, second, silent, alive, late, last = seen
    assert {first, second} == set(BOTH)
    assert silent == late == ["r2"]
    assert sorted(alive) == ["", "r2"], "its sessions have ended"
    assert last == ["r1"], "it said yes last, and the other one no"


def test_all_lag_and_one_is_gone_reads_go_to_one_that_runs(play: Play) -> None:
    """Where replicas may take reads however far they lag, silence is no better than a lag."""
    seen = play(
        "replicas",
        ["say", {"r1": 503, "r2": 0}], ["wait", "replicas", all_of("DOWN")], ["wait", "lagging", {"r2": "DOWN"}],
        ["reads", 6],
        ["say", {"r1": 0}], ["wait", "lagging", {"r1": "DOWN"}],
        ["reads", 6],
    )  # fmt: skip
    assert seen == [["r1"], ["r2"]]


def test_the_writer_is_kept_where_replicas_had_said_no(play: Play) -> None:
    seen = play(
        "master",
        *NO,
        ["say", {"writer": 0}], ["wait", "replicas", {"writer": "DOWN"}],
        ["reads", 3],
        ["say", {"writer": 503}], ["wait", "held", {"writer": "DOWN"}],
        ["reads", 3],
    )  # fmt: skip
    assert seen == [["writer"], [""]]
