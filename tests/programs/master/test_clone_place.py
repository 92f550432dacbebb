"""A copy takes the old data's place by renaming, and a move that was cut short is finished."""

from __future__ import annotations

from pathlib import Path

import clone_place
import pytest

from tests.programs.conftest import Desk

DATADIR = "/var/lib/mysql"


def test_the_old_data_is_moved_beside(desk: Desk) -> None:
    desk.write(f"{DATADIR}/mysql/db.frm", "x")
    desk.write(f"{DATADIR}/ibdata1", "old")
    aside = clone_place.new_aside(DATADIR)
    clone_place.move_all(desk.path(DATADIR), aside)
    assert (aside / "ibdata1").read_text() == "old"
    assert (aside / "mysql" / "db.frm").exists()
    assert clone_place.content(desk.path(DATADIR)) == []
    assert aside.parent == desk.path("/var/lib/mysql.mariadb-ha"), "on the same file system"


def test_a_move_that_was_cut_short_is_finished(desk: Desk) -> None:
    desk.write(f"{DATADIR}/one", "1")
    desk.write(f"{DATADIR}/two", "2")
    aside = clone_place.new_aside(DATADIR)
    aside.mkdir(parents=True)
    desk.path(f"{DATADIR}/one").rename(aside / "one")
    clone_place.move_all(desk.path(DATADIR), aside)
    assert sorted(entry.name for entry in aside.iterdir()) == ["one", "two"]


def test_a_folder_that_cannot_be_renamed_is_copied_whole_or_not(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a folder of an overlay's lower layer."""
    desk.write(f"{DATADIR}/app/t.ibd", "rows")
    aside = clone_place.new_aside(DATADIR)
    aside.mkdir(parents=True)
    (aside / "app.copying").mkdir()
    (aside / "app.copying" / "half").touch()
    real = Path.rename

    def refuse(self: Path, goal: Path) -> Path:
        if self.name == "app":
            raise OSError(18, "Invalid cross-device link")
        return real(self, goal)

    monkeypatch.setattr(Path, "rename", refuse)
    clone_place.move_all(desk.path(DATADIR), aside)
    assert (aside / "app" / "t.ibd").read_text() == "rows"
    assert not (aside / "app" / "half").exists()
    assert not desk.path(f"{DATADIR}/app").exists()


@pytest.mark.parametrize(
    ("names", "data"),
    [
        ((), False),
        (("mysql", "sys", "performance_schema", "lost+found", "#innodb_temp", ".mariadb-ha"), False),
        (("mysql", "app"), True),
    ],
)
def test_what_counts_as_data(desk: Desk, names: tuple[str, ...], data: bool) -> None:
    for name in names:
        desk.path(f"{DATADIR}/{name}").mkdir()
    assert clone_place.has_data(DATADIR) is data


def test_a_binary_log_counts_as_data(desk: Desk) -> None:
    desk.write(f"{DATADIR}/mariadb-bin.000001", "")
    assert clone_place.has_data(DATADIR)
