"""An agent that is given up is ended, and so is all that it has begun."""

from __future__ import annotations

import time
from pathlib import Path

import promoter_work
import pytest
from mha_common import Failure
from promoter_work import Settings, fence

from tests.programs.conftest import Desk

LATE = 0.4


def settings(program: str) -> Settings:
    return Settings(
        name="pair",
        host="a",
        resource="drbd",
        vips=(),
        port=9201,
        peer="b",
        peer_address="127.0.0.1",
        peer_timeout=1.0,
        hang_timeout=3.0,
        fencing=program,
    )


def agent(folder: Path, text: str) -> str:
    file = folder / "agent"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


def test_no_power_is_cut_after_it_was_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What really cuts it is often a child: ssh, ipmitool. It would do so when the other host has long been heard."""
    monkeypatch.setattr(promoter_work, "FENCE_TIMEOUT", LATE / 4)
    cut = tmp_path / "cut"
    with pytest.raises(Failure, match="no answer after"):
        fence(settings(agent(tmp_path, f"(sleep {LATE}; touch {cut}) & wait")))
    time.sleep(LATE * 1.5)
    assert not cut.exists()


def test_the_agents_last_words_are_the_reason(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="ended with 3: the switch is broken"):
        fence(settings(agent(tmp_path, '[ "$*" = "off b" ] && echo the switch is broken >&2; exit 3')))
    with pytest.raises(Failure, match="ended with 127"):
        fence(settings(str(tmp_path / "nowhere")))
    fence(settings(agent(tmp_path, '[ "$*" = "off b" ]')))
