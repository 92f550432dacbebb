"""An arbitrator does not stay a Primary component of its own; a view with others in it is kept."""

from __future__ import annotations

import pytest

from tests.programs.conftest import Desk

FILE = "/var/lib/mariadb-ha/arbitrator/gvwstate.dat"
RESTART = "systemctl restart mariadb-ha-arbitrator.service"


def view(*members: str) -> str:
    lines = [f"member: {member} 0" for member in members]
    return "\n".join(["my_uuid: arb", "#vwbeg", "view_id: 3 arb 30", "bootstrap: 0", *lines, "#vwend", ""])


@pytest.mark.parametrize(
    ("members", "alone"), [(("arb",), True), (("arb", "mdb1"), False), (("arb", "mdb1", "mdb2"), False)]
)
def test_alone_it_leaves_and_forgets(desk: Desk, members: tuple[str, ...], alone: bool) -> None:
    desk.fake("systemctl", "")
    desk.write(FILE, view(*members))
    assert desk.run("arbitrator-alone.sh").returncode == 0
    assert desk.calls == ([RESTART] if alone else [])
    assert desk.run("arbitrator-alone.sh", "--forget").returncode == 0
    assert desk.path(FILE).exists() is not alone


def test_without_a_view_there_is_nothing_to_do(desk: Desk) -> None:
    desk.fake("systemctl", "")
    for words in ((), ("--forget",)):
        done = desk.run("arbitrator-alone.sh", *words)
        assert (done.returncode, done.stdout) == (0, "")
    assert desk.calls == []


def test_other_words_are_refused(desk: Desk) -> None:
    assert desk.run("arbitrator-alone.sh", "--all").returncode == 2
