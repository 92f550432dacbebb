"""The health agent says each change of its verdict, for the history in host-facts, and nothing twice."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import history_agent
import pytest

from tests.programs.conftest import load


def test_changes_of_the_verdict_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Words that change, a sleep (None), and its end are no change."""
    verdicts = [
        (200, "ok: Synced, cluster of 3"),
        (200, "ok: Synced, cluster of 2"),
        (503, "MariaDB did not answer in time"),
        None,
        (503, "MariaDB does not answer"),
        (404, "draining: new disk"),
        (200, "ok: Synced, cluster of 3"),
    ]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        agent = load("health-agent").Agent(listener)
        given = iter(verdicts)
        agent.checker = SimpleNamespace(
            answer=lambda: next(given), last=SimpleNamespace(ended=1.0), overdue=lambda: False
        )
        for _ in verdicts:
            agent.send_watchers()
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "verdict 200: ok: Synced, cluster of 3",
        "verdict 503: MariaDB did not answer in time",
        "verdict 404: draining: new disk",
        "verdict 200: ok: Synced, cluster of 3",
    ]
    assert [history_agent.read(line)[0][2] for line in lines] == ["in", "out", "out", "in"]
