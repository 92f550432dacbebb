"""Every fault of every kind, on every stack whose outputs are kept: its repair is armed before it is made, so that the
host mends itself when the drill is killed at the worst moment."""

from __future__ import annotations

import json
import os
import signal
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.component import Component, FaultKind, Scripted
from ops.components import components_of
from ops.drill.armed import UNIT
from ops.drill.drill import Timing
from ops.drill.faults import Fault, make_fault
from ops.drill.power import Switches
from ops.inventory import parse
from ops.kinds import KINDS
from tests.conftest import ROOT
from tests.ops.drill.hosts import CAME, Folder

KEPT = ROOT / "tests" / "golden" / "kept"
#: A bound for a slow day, in seconds.
PATIENCE = 120.0
Case = tuple[str, str, FaultKind, str]


def components(name: str, power: tuple[str, ...] = ("power",)) -> dict[str, Component]:
    """A kept stack's. `power`: what switches hosts that are no domains."""
    data: dict[str, Any] = json.loads((KEPT / name / "outputs.json").read_text())
    return components_of(parse(data | {"stack": name, "access": {"power": power}}, name))


def cases() -> dict[str, Case]:
    """(stack, component, fault, host) by a name; one for each kind, fault and way to make the host."""
    found: dict[str, Case] = {}
    for name in sorted(path.name for path in KEPT.iterdir()):
        for key, component in components(name).items():
            for fault in component.faults:
                for host in component.targets(fault)[:1]:
                    where = component.host(host).provisioner
                    found.setdefault(f"{component.entry.kind} {fault} {where}", (name, key, fault, host))
    return found


CASES = cases()


def fault_of(case: Case, folder: Folder, *, seconds: float = 1.0) -> Fault:
    """The fault on hosts that are a folder."""
    name, key, fault, host = case
    component = components(name, (str(folder.root / "bin" / "power"),))[key]
    power = Switches(inventory=component.inventory, shell=folder)
    scripted, service = component.scripted(fault, host), component.stopped(fault)
    return make_fault(fault, service, host, folder, power, scripted, seconds=seconds)


def killed_after(case: Case, folder: Folder) -> None:
    """A process of its own arms and makes the fault, and is killed at once."""
    child = os.fork()
    if child == 0:
        try:
            os.environ.update(folder.env)
            fault = fault_of(case, folder)
            fault.arm()
            fault.make()
            with (folder.root / "made").open("w") as file:
                file.write("; ".join([*folder.log(), *folder.broken()]))
        except BaseException:
            (folder.root / "failed").write_text(traceback.format_exc())
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Folder]]:
    """For each fault a host on which a drill was killed in its middle."""
    folders = {}
    for name, case in CASES.items():
        folders[name] = Folder(root=tmp_path_factory.mktemp("host"))
        folders[name].make()
        killed_after(case, folders[name])
    yield folders


@pytest.mark.parametrize("name", CASES)
def test_a_killed_drill_leaves_nothing_broken(name: str, killed: dict[str, Folder]) -> None:
    """Armed first, then made; then the host mends itself, and nobody asks it to."""
    folder = killed[name]
    assert not (folder.root / "failed").exists(), (folder.root / "failed").read_text()
    made = (folder.root / "made").read_text()
    deadline = time.monotonic() + PATIENCE
    while not any(line.startswith(CAME) for line in folder.log()):
        assert time.monotonic() < deadline, folder.log()
        time.sleep(0.05)
    assert f"{CAME} 0" in folder.log()
    assert folder.broken() == []
    if "systemd-run" in made:
        done = [line for line in folder.log() if "is-active" not in line]
        assert done[0].startswith(f"systemd-run --quiet --collect --unit={UNIT} --on-active=1 "), "armed first"
        assert made.count("; ") >= 2, "something was done after it"
    else:
        assert "off" in made, "the power was cut"


def test_every_fault_of_every_kind_is_among_them() -> None:
    """A new kind, or a new fault, comes with a kept stack on which it can be made."""
    known = {f"{kind} {fault}" for kind, component in KINDS.items() for fault in component.faults}
    assert known == {name.rsplit(" ", 1)[0] for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_an_ordinary_repair_takes_the_armed_one_back(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(root=tmp_path)
    folder.make()
    for key, value in folder.env.items():
        monkeypatch.setenv(key, value)
    fault = fault_of(CASES[name], folder, seconds=3600)
    fault.arm()
    fault.make()
    fault.undo()
    assert folder.broken() == []
    assert not (tmp_path / "armed").exists()
    assert not (tmp_path / "run" / f"{UNIT}.sh").exists()
    fault.undo()  # twice does no harm


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_made_that_is_not_armed(name: str, tmp_path: Path) -> None:
    folder = Folder(root=tmp_path)
    folder.make()
    (tmp_path / "bin" / "systemd-run").write_text("#!/bin/sh\nexit 1\n")
    fault = fault_of(CASES[name], folder)
    with pytest.raises(RuntimeError, match="not armed"):
        fault.make()
    fault.undo()
    assert folder.log() == []


def test_a_repair_must_be_given() -> None:
    with pytest.raises(ValueError, match="can be armed"):
        Scripted(words="x", by_hand="x", make="x", undo=" ")


def test_what_an_earlier_drill_left_is_mended_and_not_forgotten(tmp_path: Path) -> None:
    folder = Folder(root=tmp_path)
    folder.make()
    cut = next(case for name, case in CASES.items() if name.startswith("master_master link-cut"))
    hang = next(case for name, case in CASES.items() if name.startswith("master_master writer-hang"))
    first = fault_of(cut, folder, seconds=3600)
    first.arm()
    first.make()
    assert folder.broken() == ["table"]
    fault_of(hang, folder, seconds=3600).arm()
    assert folder.broken() == []
    assert "pkill -CONT" in (tmp_path / "run" / f"{UNIT}.sh").read_text()


def test_the_armed_repair_never_comes_while_the_drill_wants_the_fault() -> None:
    for during in (1.0, 15.0, 3600.0):
        timing = Timing(during=during)
        assert timing.armed >= max(timing.during, timing.longest) + 60


def test_an_orderly_stop_that_takes_long_is_not_cut_short(tmp_path: Path) -> None:
    """The armed start waits until the unit has stopped: a start would take its place."""
    folder = Folder(root=tmp_path)
    folder.make()
    (tmp_path / "bin" / "systemd-run").write_text("#!/bin/sh\n")
    stop = next(case for name, case in CASES.items() if name.startswith("web web-stop"))
    fault_of(stop, folder, seconds=3600).arm()
    script = (tmp_path / "run" / f"{UNIT}.sh").read_text()
    (tmp_path / "states").write_text("deactivating\ndeactivating\ninactive\n")
    (tmp_path / "bin" / "sleep").write_text('#!/bin/sh\nsed -i 1d "$ROOT/states"\n')
    (tmp_path / "bin" / "sleep").chmod(0o755)
    (tmp_path / "bin" / "systemctl").write_text(
        '#!/bin/sh\nstate=$(head -n 1 "$ROOT/states")\n'
        'case $1 in show) echo "$state" ;; *) echo "$* $state" >>"$ROOT/log" ;; esac\n'
    )
    assert folder.run("web1", script).code == 0
    assert folder.log()[-1] == "start --no-block nginx inactive"
