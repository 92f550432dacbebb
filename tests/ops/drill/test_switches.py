"""Who takes a host's power: the best that there is, said as what it is."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ops.drill.here import Later
from ops.drill.power import Switches
from ops.drill.servers import Controller, Reset
from ops.drill.switches import Command, Domain
from ops.errors import Exit, OpsError
from ops.hosts.shell import Answer
from ops.inventory import Inventory, parse
from tests.conftest import ROOT
from tests.ops import stack
from tests.ops.drill.hosts import Folder
from tests.ops.fakes import FakeShell

PAIR = ROOT / "tests" / "golden" / "kept" / "read-balancing" / "outputs.json"


def pair(agent: str | None, power: tuple[str, ...] = ()) -> Inventory:
    """A pair of servers whose fencing has this agent."""
    data: dict[str, Any] = json.loads(PAIR.read_text()) | {"stack": "pair", "access": {"power": power}}
    data["components"]["master_master"] |= {"fencing": agent is not None, "fencing_agent": agent}
    return parse(data, "test")


def test_a_vm_is_a_domain() -> None:
    switch = Switches(inventory=stack.inventory(), shell=FakeShell()).switch("mdb2")
    assert isinstance(switch, Domain)
    assert (switch.domain, switch.words) == ("dev-mdb2", "power of mdb2 cut")


def test_servers_of_the_lab_have_its_power_switch() -> None:
    switch = Switches(inventory=pair("ipmi", ("env", "lab/power")), shell=FakeShell()).switch("db1")
    assert isinstance(switch, Command)
    assert switch.by_hand == "switch db1 on (env lab/power db1 on)"


@pytest.mark.parametrize(
    ("agent", "kind"), [("ipmi", Controller), ("libvirt", Reset), ("command", Reset), (None, Reset)]
)
def test_a_server_is_powered_off_by_its_controller_or_resets_itself(agent: str | None, kind: type) -> None:
    assert isinstance(Switches(inventory=pair(agent), shell=FakeShell()).switch("db1"), kind)


def test_a_controller_is_asked_by_the_other_host_and_armed_there(tmp_path: Path) -> None:
    folder = Folder(root=tmp_path)
    folder.make()
    asked: list[str] = []

    class There(Folder):
        def run(self, host: str, script: str, *, timeout: float = 30.0) -> Answer:
            asked.append(host)
            return super().run(host, script, timeout=timeout)

    switch = Switches(inventory=pair("ipmi"), shell=There(root=tmp_path)).switch("db1")
    switch.check()
    switch.arm(3600)
    assert "until fence on db1" in (tmp_path / "run" / "mariadb-ha-drill-undo.sh").read_text()
    switch.cut()
    switch.restore()
    assert [line for line in folder.log() if line.startswith("fence")] == [
        "fence status db1",
        "fence off db1",
        "fence on db1",
    ]
    assert set(asked) == {"db2"}
    assert not (tmp_path / "armed").exists()


def test_a_reset_says_that_it_is_no_power_cut() -> None:
    shell = FakeShell()
    switch = Switches(inventory=pair(None), shell=shell).switch("db1")
    assert "a reset, not a power cut" in switch.words
    switch.arm(60)
    switch.restore()
    assert shell.log == [], "it boots by itself"


def reset_scripts() -> tuple[str, str]:
    """What a server is asked before, and what resets it."""
    asked: list[str] = []

    class Asked(FakeShell):
        def run(self, host: str, script: str, *, timeout: float = 30.0) -> Answer:
            asked.append(script)
            return Answer(reached=True)

    switch = Switches(inventory=pair(None), shell=Asked()).switch("db1")
    switch.check()
    switch.cut()
    return asked[0], asked[1]


@pytest.mark.parametrize(
    ("container", "trigger", "resets"), [(False, True, True), (True, True, False), (False, False, False)]
)
def test_a_server_resets_itself_and_a_container_never_does(
    container: bool, trigger: bool, resets: bool, tmp_path: Path
) -> None:
    """A container's kernel is the machine's. The answer leaves before the reset comes."""
    folder = Folder(root=tmp_path)
    folder.make()
    (tmp_path / "bin" / "systemd-detect-virt").write_text(f"#!/bin/sh\nexit {0 if container else 1}\n")
    (tmp_path / "bin" / "systemd-detect-virt").chmod(0o755)
    (tmp_path / "kernel").mkdir()
    if trigger:
        (tmp_path / "trigger").write_text("")
    for script in reset_scripts():
        assert "/proc/sys" in script
        here = script.replace("/proc/sysrq-trigger", str(tmp_path / "trigger"))
        here = here.replace("/proc/sys/kernel/sysrq", str(tmp_path / "kernel" / "sysrq"))
        assert "/proc/" not in here, "this machine must not be touched"
        done = subprocess.run(
            ["bash", "-s"], input=here, env=folder.env, capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.returncode == 0) is resets
        assert resets or done.stderr.strip()
    if resets:
        subprocess.run(
            ["bash", "-c", f"until [ -s {tmp_path / 'trigger'} ]; do sleep 0.1; done"], timeout=60, check=True
        )
        assert (tmp_path / "trigger").read_text() == "b\n"
    else:
        assert not (tmp_path / "kernel" / "sysrq").exists()


def test_a_server_that_cannot_reset_itself_is_refused_in_words() -> None:
    shell = FakeShell()
    shell.fail['fail() { echo "$1" >&2; exit 1; }'] = Answer(reached=True, code=1, error="no sysrq in this kernel")
    with pytest.raises(OpsError, match="cannot reset itself") as caught:
        Switches(inventory=pair(None), shell=shell).switch("db1").check()
    assert caught.value.code is Exit.REFUSED


def test_what_is_taken_back_never_comes(tmp_path: Path) -> None:
    file = tmp_path / "came"
    later = Later()
    later.arm(["touch", str(file)], 3600)
    later.disarm()
    later.disarm()
    assert not file.exists()


def test_what_fails_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hypervisor may be busy."""
    (tmp_path / "sleep").write_text("#!/bin/sh\n")
    (tmp_path / "sleep").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    later, tries = Later(), tmp_path / "tries"
    later.arm(["sh", "-c", f"echo >>{tries}; [ $(wc -l <{tries}) -ge 3 ]"], 1)
    process = later._process
    assert process is not None
    assert process.wait(60) == 0
    assert len(tries.read_text().splitlines()) == 3
