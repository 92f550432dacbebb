"""What a host says of itself: one object, few processes, whatever is missing said."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import facts_galera
import pytest
from facts_realserver import Subject as RealServer

from tests.programs.conftest import PROGRAMS, Desk

OURS = ("70-mariadb-ha.cnf", "71-mariadb-ha-wsrep.cnf", "72-mariadb-ha-sst.cnf")
FOLDER, SUMS = facts_galera.FOLDER, facts_galera.IN_FORCE
VIP = "172.16.21.188"


def asked(desk: Desk, roles: str) -> dict[str, Any]:
    desk.write("/etc/mariadb-ha/host.env", f'HOST=mdb1\nROLES="{roles}"\n')
    done = desk.run("host-facts")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(autouse=True)
def fakes(desk: Desk) -> None:
    desk.fake("chronyc", "echo 1,2,3")
    desk.fake("systemctl", "printf 'Id=keepalived.service\\nActiveState=active\\n\\nId=mariadb-ha-ipvs-sync.service\\nActiveState=failed\\n'")
    desk.fake("ipvsadm", "echo a table")
    desk.fake("journalctl", "echo Entering FAULT STATE")


def test_a_director_in_four_processes(desk: Desk) -> None:
    desk.write("/etc/mariadb-ha/director.env", f'VIPS="{VIP}"\n')
    found = asked(desk, "director")
    assert found["units"] == {"keepalived": "active", "mariadb-ha-ipvs-sync": "failed"}
    assert (found["ipvs"], found["vrrp"]["text"]) == ({"code": 0, "text": "a table"}, "Entering FAULT STATE")
    assert found["chrony"] == {"code": 0, "text": "1,2,3"}
    assert "127.0.0.1" in found["addresses"]["lo"]
    assert abs(found["clock"] - time.time()) < 600
    assert sorted(call.split()[0] for call in desk.calls) == ["chronyc", "ipvsadm", "journalctl", "systemctl"]


def test_who_holds_a_vip_is_not_asked_for_its_last_state(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import facts_director

    desk.write("/etc/mariadb-ha/director.env", f'VIPS="{VIP}"\n')
    monkeypatch.setenv("PATH", desk.env["PATH"])
    assert facts_director.Subject({"eth0": ["172.16.21.201", VIP]}).facts()["vrrp"] is None
    assert facts_director.Subject({"lo": [VIP], "eth0": []}).facts()["vrrp"]["code"] == 0


def test_a_program_that_is_not_there_is_said(desk: Desk) -> None:
    (desk.bin / "ipvsadm").unlink()
    desk.write("/etc/mariadb-ha/host.env", "HOST=mdb1\nROLES=director\n")
    done = desk.run("host-facts", PATH=str(desk.bin))
    assert json.loads(done.stdout)["ipvs"] == {"code": 127, "text": "ipvsadm: No such file or directory"}


def test_a_node_whose_mariadb_is_down_says_all_the_rest(desk: Desk) -> None:
    desk.galera_env(port=1)
    desk.write("/var/lib/mariadb-ha/draining", "new disk\n")
    found = asked(desk, "galera reference")
    assert found["sql"]["error"]
    assert (found["draining"], found["rolling"], found["not_in_force"]) == ("new disk", False, [])
    assert found["agent"]["status"] == 0
    assert "no answer" in found["agent"]["words"]
    assert found["units"] == {"mariadb": "unknown", "mariadb-ha-agent": "unknown"}
    assert found["failed"] == {}


def test_a_subject_that_fails_does_not_silence_the_others(desk: Desk, tmp_path: Path) -> None:
    desk.write("/var/lib/mariadb-ha/draining/this-is-a-folder", "")
    desk.write(f"{FOLDER}/{OURS[0]}/a-folder-too", "")
    desk.write(SUMS, "")
    found = asked(desk, "galera realserver")
    assert "galera" in found["failed"]
    assert found["lvsdr"]["code"] == 1


def test_the_second_sample_comes_after_the_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_at: list[tuple[float, str]] = []

    class Connection:
        def close(self) -> None:
            asked_at.append((time.monotonic(), "close"))

    def query(connection: object, sql: str, arguments: object = ()) -> list[tuple[Any, ...]]:
        asked_at.append((time.monotonic(), sql))
        if sql.startswith("SHOW"):
            return [("wsrep_ready", "ON"), ("wsrep_local_commits", str(len(asked_at)))]
        return [(0, "NONE", "mdb1", "10.11")]

    monkeypatch.setattr(facts_galera, "connect", lambda **_: Connection())
    monkeypatch.setattr(facts_galera, "query", query)
    found = facts_galera.Subject({})._second()
    assert found["variables"] == {"read_only": "OFF", "wsrep_reject_queries": "NONE", "wsrep_node_name": "mdb1", "version": "10.11"}
    assert found["first"]["wsrep_local_commits"] != found["last"]["wsrep_local_commits"]
    samples = [at for at, sql in asked_at if sql.startswith("SHOW")]
    assert samples[1] - samples[0] >= facts_galera.SAMPLE - 0.05
    assert found["seconds"] >= facts_galera.SAMPLE
    assert asked_at[-1][1] == "close"


@pytest.fixture
def folder(desk: Desk) -> Path:
    """Our files, one that is read at a start only, one of somebody else, and the sums as the unit writes them."""
    for name in (*OURS, "73-mariadb-ha-members.cnf", "50-server.cnf"):
        desk.write(f"{FOLDER}/{name}", f"# {name}\n")
    summed = subprocess.run(["sha256sum", *OURS], capture_output=True, text=True, check=True, cwd=desk.path(FOLDER)).stdout
    desk.write(SUMS, "".join(f"{line.split()[0]}  {FOLDER}/{line.split()[1]}\n" for line in summed.splitlines()))
    return desk.path(FOLDER)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda f: None, []),
        (lambda f: (f / OURS[0]).write_text("changed"), [OURS[0]]),
        (lambda f: (f / OURS[1]).unlink(), [OURS[1]]),
        (lambda f: (f / "71-mariadb-ha-more.cnf").write_text("new"), ["71-mariadb-ha-more.cnf"]),
        (lambda f: (f / "73-mariadb-ha-members.cnf").write_text("read at a start only"), []),
        (lambda f: (f / "50-server.cnf").write_text("not ours"), []),
        (lambda f: (f / OURS[0]).touch(), []),  # younger, but the same
    ],
)
def test_what_is_not_in_force(folder: Path, change: Callable[[Path], object], found: list[str]) -> None:
    change(folder)
    assert facts_galera.not_in_force() == found


def test_a_server_that_left_no_sums_is_unknown(folder: Path, desk: Desk) -> None:
    desk.path(SUMS).unlink()
    (folder / OURS[0]).write_text("changed")
    assert facts_galera.not_in_force() == []


@pytest.mark.parametrize("lo", [[VIP], []])
@pytest.mark.parametrize("silent", [True, False])
def test_a_real_server_in_the_words_of_lvsdr(desk: Desk, lo: list[str], silent: bool) -> None:
    """The same words and code as `lvsdr.sh status`, which takes a dozen processes."""
    desk.write("/etc/mariadb-ha/realserver.env", f'VIPS="{VIP}"\n')
    for interface in ("lo", "all"):
        for key, value in (("arp_ignore", "1"), ("arp_announce", "2")):
            desk.write(f"/proc/sys/net/ipv4/conf/{interface}/{key}", f"{value if silent else 0}\n")
    desk.fake("ip", "".join(f"echo '1: lo    inet {address}/32 scope host lo'\n" for address in lo))
    done = desk.run("lvsdr.sh", "status", MHA_SYSCTL=str(desk.path("/proc/sys/net/ipv4/conf")))
    found = RealServer({"lo": lo}).facts()["lvsdr"]
    assert (found["code"], found["text"]) == (done.returncode, done.stdout.strip())


def test_every_role_with_units_has_a_module() -> None:
    from ops.probe import UNITS

    for role, units in UNITS.items():
        text = (PROGRAMS / f"facts_{role}.py").read_text()
        assert all(f'"{unit}"' in text for unit in units)
