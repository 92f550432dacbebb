"""Room for connections in `hactl status`: masters, replicas behind haproxy, DRBD."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from ops.hosts.facts import HostFacts
from ops.roles.agent import Agent, parse_agent, room_cell
from ops.status.finding import Finding
from ops.status.look import status_of
from ops.status.report import print_status
from tests.ops import test_drbd
from tests.ops.stack import parts
from tests.ops.status import test_balancing


def agent(status: int, used: int, *, full: bool = False, words: str = "ok", most: int = 200) -> Agent:
    return Agent(status=status, words=words, connections=used, max_connections=most, full=full)


def with_agent(facts: dict[str, HostFacts], host: str, said: Agent) -> dict[str, HostFacts]:
    return facts | {host: replace(facts[host], parts={**facts[host].parts, **parts(said)})}


def balancing(host: str, said: Agent) -> list[Finding]:
    return status_of(test_balancing.inventory(), with_agent(test_balancing.facts(), host, said)).findings


def drbd(host: str, said: Agent) -> list[Finding]:
    return status_of(test_drbd.inventory(), with_agent(test_drbd.facts(), host, said)).findings


@pytest.mark.parametrize("look", [("db1", balancing), ("r1", balancing), ("nod1", drbd)])
@pytest.mark.parametrize(("used", "severity"), [(169, None), (170, "warning"), (200, "problem")])
def test_every_server_of_clients(look: tuple[str, object], used: int, severity: str | None) -> None:
    host, ask = look
    found = ask(host, agent(200, used))  # type: ignore[operator]
    assert [(one.host, one.severity) for one in found] == ([(host, severity)] if severity else [])
    assert all(f"{used} of 200 connections are used" in one.what for one in found)


@pytest.mark.parametrize("look", [("db1", balancing), ("r1", balancing), ("nod1", drbd)])
def test_a_server_that_lets_nobody_in_is_full(look: tuple[str, object]) -> None:
    host, ask = look
    (found,) = ask(host, agent(200, 0, most=0, full=True))  # type: ignore[operator]
    assert found.severity == "problem"
    assert "error 1040" in found.what


def test_a_full_replica_whose_clients_go_elsewhere_is_told_of_once() -> None:
    """Its agent says 404: it has not fallen behind."""
    said = agent(404, 200, full=True, words="lags 0 s; full: 200 of 200 connections; r2 has room")
    (found,) = balancing("r1", said)
    assert "200 of 200 connections are used" in found.what
    console = Console(file=io.StringIO(), width=200)
    facts = with_agent(test_balancing.facts(), "r1", said)
    print_status(console, "rb", status_of(test_balancing.inventory(), facts))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    (row,) = (line for line in shown.splitlines() if " r1 " in line and "404" in line)
    assert " full " in row
    assert "catches up" not in row


def test_a_server_that_did_not_let_hactl_in_either() -> None:
    facts = test_balancing.facts()
    replication = test_balancing.Replication(error="ERROR 1040 (08004): Too many connections")
    facts["r1"] = replace(facts["r1"], parts={**facts["r1"].parts, **parts(replication, agent(200, 200))})
    found = status_of(test_balancing.inventory(), facts).findings
    assert [one.severity for one in found] == ["problem", "unknown"]
    assert "when it has room" in found[1].todo


@pytest.mark.parametrize(
    ("room", "cell"),
    [
        ({"connections": 10, "max_connections": 200, "full": False}, "10 of 200"),
        ({"connections": 190, "max_connections": 200, "full": False}, "[yellow]190 of 200[/]"),
        ({"full": True}, "[red]full[/]"),
        ({"full": False}, "–"),
        ({}, "–"),
    ],
)
def test_cells(room: dict[str, object], cell: str) -> None:
    said = parse_agent({"agent": {"status": 200, "words": "ok", "seconds": 0.1, "room": room}})
    assert room_cell(said) == cell
