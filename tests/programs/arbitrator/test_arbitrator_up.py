"""The arbitrator is started, and started anew only while the nodes are a majority by themselves."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from mha_common import Failure

from tests.programs.conftest import Desk, load

UP = load("arbitrator-up")
CONFIG = "group = mariadb-ha\n"


def node(**changes: Any) -> dict[str, Any]:
    return {"cluster_status": "Primary", "local_state": 4, "cluster_size": 3, "data_nodes": 2} | changes


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ({"mdb1": node(), "mdb2": node()}, ""),
        ({"mdb1": node(cluster_size=2), "mdb2": node(cluster_size=2)}, ""),
        ({"mdb1": node(), "mdb2": {}}, "mdb2 does not answer"),
        ({"mdb1": node(), "mdb2": node(cluster_status="non-Primary")}, "mdb2 is not Synced"),
        ({"mdb1": node(), "mdb2": node(local_state=2)}, "mdb2 is not Synced"),
        ({"mdb1": node(data_nodes=1), "mdb2": node()}, "mdb1 sees 1 of 2 nodes"),
    ],
)
def test_it_is_stopped_only_where_the_nodes_can_do_without(states: dict[str, Any], words: str) -> None:
    assert UP.not_whole(states).startswith(words)
    assert bool(UP.not_whole(states)) is bool(words)


@pytest.mark.parametrize(
    ("states", "counted"),
    [
        ({"mdb1": node(), "mdb2": node()}, True),
        ({"mdb1": node(data_nodes=1, cluster_size=2), "mdb2": {}}, True),
        ({"mdb1": node(cluster_size=2), "mdb2": node(cluster_size=2)}, False),
        ({"mdb1": node(cluster_status="non-Primary"), "mdb2": {}}, False),
        ({"mdb1": {}, "mdb2": {}}, False),
        ({"mdb1": {"running": False, "cluster_size": None, "data_nodes": None}, "mdb2": {}}, False),
    ],
)
def test_a_primary_component_has_to_count_it(states: dict[str, Any], counted: bool) -> None:
    assert UP.votes(states) is counted


class Nodes:
    """Nodes that say what the test wants."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)

    def ask(self) -> dict[str, Any]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def host(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("PATH", desk.env["PATH"])
    monkeypatch.setenv("MHA_PAUSE", "0.01")
    desk.write("/etc/mariadb-ha/garbd.cnf", CONFIG)
    desk.fake("systemctl", 'if [ "$1" = is-active ]; then exit "$(cat "$MHA_ROOT/inactive" 2>/dev/null || echo 0)"; fi')
    return desk


def restarts(desk: Desk) -> list[str]:
    return [call for call in desk.calls if "is-active" not in call]


def in_force(desk: Desk) -> None:
    desk.write("/run/mariadb-ha/garbd.sha256", hashlib.sha256(CONFIG.encode()).hexdigest() + "  -\n")


def test_nothing_to_do(host: Desk) -> None:
    in_force(host)
    assert UP.bring_up(Nodes({})) is False
    assert restarts(host) == []


def test_one_that_is_down_is_started_whatever_the_nodes_do(host: Desk) -> None:
    host.write("/inactive", "3")
    assert UP.bring_up(Nodes({"mdb1": {}, "mdb2": {}})) is True
    assert restarts(host) == ["systemctl restart mariadb-ha-arbitrator.service"]


def test_a_changed_configuration_waits_until_the_nodes_are_whole(host: Desk) -> None:
    missing, whole = {"mdb1": node(), "mdb2": {}}, {"mdb1": node(), "mdb2": node()}
    assert UP.bring_up(Nodes(missing, missing, whole)) is True
    assert restarts(host) == ["systemctl restart mariadb-ha-arbitrator.service"]


def test_and_is_refused_where_they_are_not(host: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(UP.__dict__, "PATIENCE", 0.05)
    with pytest.raises(Failure, match=r"mdb2 does not answer.*goes on with its earlier configuration"):
        UP.bring_up(Nodes({"mdb1": node(), "mdb2": {}}))
    assert restarts(host) == []
