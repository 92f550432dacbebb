"""Taking a master behind directors out for a change: only where the other one takes its clients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.programs.conftest import PROGRAMS  # noqa: F401  the servers' modules can be imported
from tests.programs.master.test_master_open import config

import drain_flag  # isort: skip
import master_drain  # isort: skip
from mha_common import Failure  # isort: skip


@pytest.fixture
def desk_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for `/`."""
    monkeypatch.setenv("MHA_ROOT", str(tmp_path))
    boot = tmp_path / "proc/sys/kernel/random/boot_id"
    boot.parent.mkdir(parents=True)
    boot.write_text("b00t\n")
    monkeypatch.setattr(master_drain, "agent_port", lambda: 9200)
    monkeypatch.setattr(master_drain, "pause", lambda seconds: None)
    return tmp_path


def answers(monkeypatch: pytest.MonkeyPatch, own: list[int], peer: dict[str, Any] | None) -> None:
    """The own agent's answers, one after the other, and the other host's state."""
    monkeypatch.setattr(master_drain, "own_answer", lambda port: (own.pop(0) if len(own) > 1 else own[0], ""))
    monkeypatch.setattr(master_drain, "state_of", lambda address: peer)


@pytest.mark.parametrize("peer", [{"status": 200}, {"status": 404, "stands_by": True}])
def test_it_waits_until_it_is_closed(desk_root: Path, monkeypatch: pytest.MonkeyPatch, peer: dict[str, Any]) -> None:
    answers(monkeypatch, [200, 200, 200, 404], peer)
    master_drain.take_out(config())
    flag = drain_flag.read_flag()
    assert flag is not None
    assert flag.roll


@pytest.mark.parametrize("peer", [None, {"status": 503}, {"status": 404}])
def test_it_is_no_reason_for_an_outage(
    desk_root: Path, monkeypatch: pytest.MonkeyPatch, peer: dict[str, Any] | None
) -> None:
    answers(monkeypatch, [200], peer)
    with pytest.raises(Failure) as raised:
        master_drain.take_out(config())
    assert "db2 takes no clients" in raised.value.what
    assert drain_flag.read_flag() is None


def test_a_server_without_clients_needs_nobody(desk_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, [503], None)
    master_drain.take_out(config())
    assert drain_flag.read_flag() is None
