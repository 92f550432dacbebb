"""A copy takes the old data's place whatever cuts it short, and what was there is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import clone_place
import cloning
import pytest
from master_state import Config
from mha_common import Failure

from tests.programs.conftest import Desk

DATADIR = "/var/lib/mysql"
CONFIG = Config(
    host="db2",
    peer="db1",
    peer_address="127.0.0.1",
    address="127.0.0.2",
    port=3306,
    datadir=DATADIR,
    own_vip=True,
    first=False,
)
OLD, NEW = {"ibdata1": "old", "app/t.ibd": "old rows"}, {"ibdata1": "new", "app/t.ibd": "new rows", "aria_log": "new"}


class Cut(BaseException):
    """The host loses power."""


class World:
    """What a copy does to the server, and when the power goes: after so many steps."""

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk, self.left, self.running, self.started_on = desk, 10**6, True, ""
        self.told: list[str] = []
        monkeypatch.setattr(cloning, "receive", self.receive)
        monkeypatch.setattr(cloning.surplus, "save_if_there", lambda _: {})
        monkeypatch.setattr(cloning, "active", lambda: self.running)
        monkeypatch.setattr(cloning, "stop", self.stop)
        monkeypatch.setattr(cloning, "start", self.start)
        monkeypatch.setattr(cloning, "must", lambda *_, **__: "")
        monkeypatch.setattr(cloning, "tell_position", lambda state: self.told.append(state["slave_pos"]))
        self.step(clone_place, "move", monkeypatch)
        self.step(cloning, "keep", monkeypatch)

    def step(self, module: object, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        real: Callable[..., object] = getattr(module, name)

        def counted(*words: object) -> object:
            self.left -= 1
            if self.left < 0:
                self.running = False
                raise Cut
            return real(*words)

        monkeypatch.setattr(module, name, counted)

    def receive(self, config: Config) -> tuple[str, str]:
        clone_place.fresh(clone_place.incoming(DATADIR))
        fill(clone_place.incoming(DATADIR), NEW)
        return "0-1-9", "0-1-9"

    def stop(self) -> None:
        self.running = False

    def start(self) -> None:
        assert not self.desk.path(clone_place.MOVING).exists(), "mariadb.service would not start"
        self.running, self.started_on = True, self.desk.read(f"{DATADIR}/ibdata1")


def fill(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def held(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("cut", range(12))
def test_power_is_cut_at_every_step(desk: Desk, monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    world = World(desk, monkeypatch)
    fill(desk.path(DATADIR), OLD)
    world.left = cut
    try:
        cloning.clone(CONFIG, discard=True)
    except Cut:
        moving = desk.path(clone_place.MOVING).exists()
        whole = held(desk.path(DATADIR)) in (OLD, NEW)
        assert whole or moving, "a server does not start on half a data directory"
    world.left = 10**6
    if cloning.unfinished() or held(desk.path(DATADIR)) != NEW:
        cloning.clone(CONFIG, discard=not cloning.unfinished())
    assert held(desk.path(DATADIR)) == NEW
    asides = [held(folder) for folder in clone_place.beside(DATADIR).glob("aside-*")]
    assert OLD in asides, "what was there is kept whole"
    assert (world.running, world.started_on) == (True, "new")
    assert world.told[-1] == "0-1-9"
    assert not cloning.unfinished()


def test_data_of_its_own_is_not_touched_without_a_word(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(desk, monkeypatch)
    fill(desk.path(DATADIR), OLD)
    with pytest.raises(Failure, match="data of its own"):
        cloning.clone(CONFIG, discard=False)
    assert held(desk.path(DATADIR)) == OLD
    assert world.running


def test_an_empty_server_needs_no_word(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(desk, monkeypatch)
    world.running = False
    desk.write(f"{DATADIR}/mysql/db.frm", "a new server's")
    cloning.clone(CONFIG, discard=False)
    assert held(desk.path(DATADIR)) == NEW
