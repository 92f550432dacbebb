"""data-room: MariaDB is not started where its volume is full, and the words name it."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import data_volume
import pytest
from mha_common import Failure

from tests.programs.conftest import Desk, load


def judge(monkeypatch: pytest.MonkeyPatch, free: int) -> int:
    """The program's own verdict with so many MiB left."""
    space = SimpleNamespace(f_frsize=4096, f_blocks=2048 * 256, f_bavail=free * 256)
    monkeypatch.setattr(data_volume.os, "statvfs", lambda _path: space)
    monkeypatch.setattr(sys, "argv", ["data-room", "/var/lib/mysql"])
    found: int = load("data-room").main()
    return found


def test_a_full_volume_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failure) as refused:
        judge(monkeypatch, 12)
    assert "the volume of /var/lib/mysql is full: 12 of 2048 MiB left" in str(refused.value)


def test_with_room_it_starts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judge(monkeypatch, 64) == 0


def test_a_folder_that_cannot_be_asked_for_is_no_full_one(desk: Desk) -> None:
    assert desk.run("data-room", "/nowhere").returncode == 0
