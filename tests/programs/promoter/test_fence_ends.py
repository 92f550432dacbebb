"""An agent that is given up is ended, and so is all that it has begun."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

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


def test_no_power_is_cut_after_it_was_given_up(tmp_path: Path) -> None:
    """What really cuts it is often a child: ssh, ipmitool. It would do so when the other host has long been heard."""
    cut = tmp_path / "cut"
    with pytest.raises(Failure, match="no answer after"):
        fence(replace(settings(agent(tmp_path, f"(sleep {LATE}; touch {cut}) & wait")), fencing_timeout=LATE / 4))
    time.sleep(LATE * 1.5)
    assert not cut.exists()


def test_how_long_it_gets_is_a_setting() -> None:
    """60 s where the host's file is of an earlier program."""
    env = {"NAME": "pair", "RESOURCE": "drbd", "VIPS": "", "PORT": "9201", "PEER": "b", "PEER_ADDRESS": "127.0.0.1"}
    env |= {"PEER_TIMEOUT": "1", "HANG_TIMEOUT": "3", "FENCING": "/bin/fence", "WITNESSES": ""}
    assert Settings.load(env, "a").fencing_timeout == 60
    assert Settings.load({**env, "FENCING_TIMEOUT": "20"}, "a").fencing_timeout == 20


def test_the_agents_last_words_are_the_reason(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="ended with 3: the switch is broken"):
        fence(settings(agent(tmp_path, '[ "$*" = "off b" ] && echo the switch is broken >&2; exit 3')))
    with pytest.raises(Failure, match="ended with 127"):
        fence(settings(str(tmp_path / "nowhere")))
    fence(settings(agent(tmp_path, '[ "$*" = "off b" ]')))
