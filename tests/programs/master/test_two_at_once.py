"""Two masters behind directors that are to be changed at once: whoever begins, one of them takes clients."""

from __future__ import annotations

import itertools

import pytest

from tests.programs.conftest import PROGRAMS  # noqa: F401  the servers' modules can be imported
from tests.programs.master.test_master_open import config
from tests.programs.turns import Turns, TurnsDeadline, run_in_turns, whose

import drain_flag  # isort: skip
import master_drain  # isort: skip
import roll_order  # isort: skip


class Server(Turns):
    """master-up on one host. Its agent sees the flag at once; its master-watch closes it with the flag, and opens it
    without.
    """

    rounds = 40

    @property
    def status(self) -> int:
        return 503 if self.out else 404 if self.flag else 200

    @property
    def peer(self) -> Server:
        return next(each for name, each in self.all.items() if name != self.name and isinstance(each, Server))

    def change(self) -> None:
        master_drain.leave(config(host=self.name, peer=self.peer.name))


@pytest.mark.parametrize("turns", list(itertools.product((0, 1), repeat=6)), ids=lambda turns: "".join(map(str, turns)))
def test_never_are_both_out(turns: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """And each is changed in the end: they do not wait for each other."""
    servers: dict[str, Server] = {}
    servers |= {name: Server(name, servers) for name in ("db1", "db2")}
    each = tuple(servers.values())
    me = whose(each)

    def set_flag(_program: str) -> None:
        me().pause()  # between the look and the flag
        me().flag = True

    for module in (master_drain, roll_order):
        monkeypatch.setattr(module, "pause", lambda seconds: me().pause())
        monkeypatch.setattr(module, "Deadline", TurnsDeadline)
    monkeypatch.setattr(master_drain, "agent_port", lambda: 9200)
    monkeypatch.setattr(master_drain, "own_answer", lambda port: (me().status, ""))
    monkeypatch.setattr(
        master_drain, "state_of", lambda address: {"status": me().peer.status, "rolling": me().peer.flag}
    )
    monkeypatch.setattr(drain_flag, "take_out", set_flag)
    monkeypatch.setattr(drain_flag, "put_back", lambda: setattr(me(), "flag", False))
    run_in_turns(each, turns)
