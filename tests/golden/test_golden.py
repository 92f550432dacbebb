"""Nothing of S1 changes unnoticed: what is made of three stacks is kept as text.

`pytest tests/golden --write-golden` writes it anew.
"""

from __future__ import annotations

import difflib
import functools
from pathlib import Path

import pytest

from tests.golden.picture import Picture, picture
from tests.golden.stacks import STACKS

KEPT = Path(__file__).resolve().parent / "kept"


def _read(folder: Path) -> Picture:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def _write(folder: Path, found: Picture) -> None:
    for name in _read(folder).keys() - found.keys():
        (folder / name).unlink()
    for name, text in found.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _difference(kept: Picture, found: Picture) -> str:
    lines: list[str] = []
    for name in sorted(kept.keys() | found.keys()):
        old, new = kept.get(name, ""), found.get(name, "")
        if (name in kept) != (name in found) or old != new:
            lines += difflib.unified_diff(
                old.splitlines(), new.splitlines(), f"kept/{name}", f"now/{name}", lineterm="", n=1
            )
            lines += [f"{name}: {'empty' if name in found else 'gone'}"] if not (old and new) and old == new else []
    return "\n".join(lines)


@pytest.fixture(autouse=True)
def fit_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked over the network here."""
    monkeypatch.setattr("components.preflight.check_hosts", lambda context, plan: [])


@functools.cache
def _now(name: str) -> Picture:
    """What is made of this stack, made once."""
    return picture(STACKS[name]())


@pytest.mark.parametrize("name", STACKS)
def test_what_is_made_of_a_stack(name: str, request: pytest.FixtureRequest) -> None:
    found = _now(name)
    if request.config.getoption("--write-golden"):
        _write(KEPT / name, found)
    difference = _difference(_read(KEPT / name), found)
    assert not difference, f"\n{difference}\n(`pytest tests/golden --write-golden` keeps what is made now)"


def test_a_difference_of_one_line_is_seen() -> None:
    """Positive control."""
    found = _now("vms")
    other = dict(found)
    name = next(name for name in found if name.endswith("70-mariadb-ha.cnf.txt"))
    other[name] = found[name].replace("max_connections = 200", "max_connections = 201")
    assert _difference(found, found) == ""
    assert "+max_connections = 201" in _difference(found, other).splitlines()
    del other[name]
    assert "-max_connections = 200" in _difference(found, other).splitlines()
