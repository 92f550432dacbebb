"""Putting a host back after a change: its own draining ends, and only then it is waited for."""

from __future__ import annotations

from typing import Any

import drain_flag
import promoter_drain
import pytest

from tests.programs.conftest import Desk


def test_a_host_that_was_never_taken_out_is_not_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A resync may take hours: a delivery that took nobody out of service does not wait for its end."""
    asked: list[int] = []

    def state(port: int) -> dict[str, Any]:
        asked.append(port)
        return {"eligible": len(asked) > 2, "ineligible": "a resync runs"}

    desk.write("/etc/mariadb-ha/promoter.env", 'PORT="9201"\n')
    monkeypatch.setenv("MHA_PAUSE", "0")
    monkeypatch.setattr(promoter_drain, "promoter_state", state)
    promoter_drain.put_back("b")
    desk.write(drain_flag.DRAINING, "the disk is being replaced\n")
    promoter_drain.put_back("b")
    assert asked == [] and drain_flag.read_flag(), "a person's own flag stays"
    drain_flag.take_out("drbd-up")
    promoter_drain.put_back("b")
    assert len(asked) == 3 and drain_flag.read_flag() is None
