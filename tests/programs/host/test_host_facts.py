"""host-facts: one line of JSON; each role's part beside it; a part that fails hides no other."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.components import components_of
from plan.build import make_plan
from tests.conftest import make_context
from tests.ops import stack
from tests.programs.conftest import PROGRAMS, Desk

SYSTEMCTL = 'shift 5; for unit; do printf "Id=%s.service\\nActiveState=active\\n\\n" "$unit"; done'
OURS = ("70-mariadb-ha.cnf", "71-mariadb-ha-wsrep.cnf", "72-mariadb-ha-sst.cnf")
CONFIG = "/etc/mysql/mariadb.conf.d"


def run_of(desk: Desk, host: str, tmp_path: Path) -> dict[str, Any]:
    """What the program says with the modules that the plan delivers to a host, and no others."""
    folder = tmp_path / f"lib-{host}"
    folder.mkdir(exist_ok=True)
    for file in make_plan(make_context()).hosts[host].files:
        if file.path.startswith("/usr/local/lib/mariadb-ha/"):
            (folder / Path(file.path).name).write_text(file.content)
    done = subprocess.run(
        [sys.executable, "-SE", str(folder / "host-facts")],
        capture_output=True,
        text=True,
        env=desk.env,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def node(desk: Desk) -> Desk:
    """A Galera node and real server whose programs answer."""
    desk.galera_env(port=1)
    desk.write("/etc/mariadb-ha/realserver.env", 'VIPS="172.16.21.188"\n')
    desk.write("/etc/mariadb-ha/director.env", 'VIPS="172.16.21.188"\nPORT=3306\n')
    desk.fake("systemctl", SYSTEMCTL)
    desk.fake("chronyc", "echo 506 Cannot talk to daemon")
    desk.fake("mariadb", "printf 'wsrep_ready\\tON\\n--sample--0.5\\nwsrep_ready\\tON\\n'")
    desk.fake("nft", "echo policy drop")
    desk.fake("ipvsadm", "echo TCP 172.16.21.188:3306 rr")
    desk.fake("journalctl", "echo '(VI_51) Entering BACKUP STATE'")
    return desk


def test_a_node(node: Desk, tmp_path: Path) -> None:
    said = run_of(node, "mdb2", tmp_path)
    assert said["failed"] == {}
    assert said["units"] == {"mariadb": "active", "mariadb-ha-agent": "active", "mariadb-ha-lvsdr": "active"}
    assert said["addresses"]["lo"][0] == "127.0.0.1"
    assert said["draining"] is None
    assert said["wsrep"]["code"] == 0
    assert said["agent"]["status"] == 0
    assert "refused" in said["agent"]["words"]
    assert said["lvsdr"]["code"] == 3
    assert not {"ipvs", "vrrp_log"} & said.keys()


def test_a_transfer_that_nobody_answers(node: Desk, tmp_path: Path) -> None:
    """The donor's connection to the joiner's port 4444 waits; one to another port says nothing of transfers."""
    node.write("/proc/88/cmdline", "/bin/bash\0-ue\0/usr//bin/wsrep_sst_mariabackup\0--role\0donor\0--address\0x\0")
    node.write(
        "/proc/net/tcp",
        "  sl  local_address rem_address   st tx_queue rx_queue\n"
        "   0: B51510AC:9C40 B41510AC:115C 02 00000001:00000000\n"
        "   1: B51510AC:9C41 B61510AC:115C 01 00000000:00000000\n"
        "   2: B51510AC:9C42 B61510AC:0CEA 02 00000001:00000000\n",
    )
    assert run_of(node, "mdb2", tmp_path)["transfer"] == {"role": "donor", "unanswered": ["172.16.21.180:4444"]}
    node.path("/proc/88/cmdline").unlink()
    node.path("/proc/net/tcp").unlink()
    assert run_of(node, "mdb2", tmp_path)["transfer"] == {"role": "", "unanswered": []}


def test_volumes_are_the_disks_that_can_be_written_to(node: Desk, tmp_path: Path) -> None:
    node.path("/srv").mkdir()
    node.write(
        "/proc/self/mounts",
        "/dev/vda1 / ext4 rw,relatime 0 0\n/dev/vdb /var/lib/mysql ext4 rw 0 0\n/dev/sr0 /srv iso9660 ro 0 0\n"
        "/dev/vdc /gone ext4 rw 0 0\noverlay /var overlay rw 0 0\ntmpfs /run tmpfs rw 0 0\n",
    )
    volumes = run_of(node, "mdb2", tmp_path)["volumes"]
    assert set(volumes) == {"/", "/var/lib/mysql"}
    assert all(0 <= volume["free_mib"] <= volume["size_mib"] for volume in volumes.values())
    assert volumes["/"]["size_mib"] == shutil.disk_usage(node.root).total // 1024**2


def test_few_processes(node: Desk, tmp_path: Path) -> None:
    run_of(node, "mdb2", tmp_path)
    assert sorted(call.split()[0] for call in node.calls) == ["chronyc", "journalctl", "mariadb", "nft", "systemctl"]
    node.forget()
    run_of(node, "ha1", tmp_path)
    called = sorted(call.split()[0] for call in node.calls)
    assert called == ["chronyc", "ipvsadm", "journalctl", "journalctl", "nft", "systemctl"], (
        "the last state, and history"
    )


def test_a_director(node: Desk, tmp_path: Path) -> None:
    said = run_of(node, "ha1", tmp_path)
    assert said["units"] == {
        "keepalived": "active",
        "mariadb-ha-ipvs-sync": "active",
        "mariadb-ha-drain-watch": "active",
    }
    assert "172.16.21.188:3306" in said["ipvs"]["text"]
    assert "BACKUP" in said["vrrp_log"]
    assert not {"wsrep", "lvsdr", "agent"} & said.keys()


def test_who_a_director_keeps_and_for_how_long(node: Desk, tmp_path: Path) -> None:
    """Whoever was heard is so by the same clock."""
    assert run_of(node, "ha1", tmp_path)["kept"] == {}
    kept = {"mdb2": {"what": "late", "since": time.monotonic() - 60}, "mdb3": {"what": "silent", "since": None}}
    node.write("/run/mariadb-ha/kept.json", json.dumps(kept))
    said = run_of(node, "ha1", tmp_path)["kept"]
    assert said["mdb2"]["what"] == "late"
    assert said["mdb2"]["seconds"] >= 60
    assert said["mdb3"] == {"what": "silent", "seconds": None}


def test_a_part_that_fails_hides_no_other(node: Desk, tmp_path: Path) -> None:
    node.path("/etc/mariadb-ha/agent.env").unlink()
    said = run_of(node, "mdb2", tmp_path)
    assert list(said["failed"]) == ["facts_agent"]
    assert said["lvsdr"]["code"] == 3
    assert said["units"]["mariadb"] == "active"


def test_a_later_kind_adds_a_part(node: Desk, tmp_path: Path) -> None:
    (tmp_path / "lib-ha2").mkdir()
    text = "UNITS = ('pacemaker',)\ndef commands():\n    return {}\ndef facts(said):\n    return {'quorum': True}\n"
    (tmp_path / "lib-ha2" / "facts_later.py").write_text(text)
    said = run_of(node, "ha2", tmp_path)
    assert said["quorum"] is True
    assert said["units"]["pacemaker"] == "active"


@pytest.fixture
def configured(node: Desk) -> Desk:
    """Our files, others, and the sums as the unit writes them."""
    lines = []
    for name in (*OURS, "73-mariadb-ha-members.cnf", "50-server.cnf"):
        node.write(f"{CONFIG}/{name}", f"# {name}\n")
        if name in OURS:
            lines.append(f"{hashlib.sha256(node.path(f'{CONFIG}/{name}').read_bytes()).hexdigest()}  {CONFIG}/{name}\n")
    node.write("/run/mariadb-ha/mariadb.sha256", "".join(lines))
    return node


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda d: None, []),
        (lambda d: d.write(f"{CONFIG}/{OURS[0]}", "changed"), [OURS[0]]),
        (lambda d: d.path(f"{CONFIG}/{OURS[1]}").unlink(), [OURS[1]]),
        (lambda d: d.write(f"{CONFIG}/71-mariadb-ha-more.cnf", "new"), ["71-mariadb-ha-more.cnf"]),
        (lambda d: d.write(f"{CONFIG}/73-mariadb-ha-members.cnf", "read at a start only"), []),
        (lambda d: d.write(f"{CONFIG}/50-server.cnf", "not ours"), []),
        (
            lambda d: d.path("/run/mariadb-ha/mariadb.sha256").unlink(),
            [],
        ),  # a server that wrote no sums: unknown, so nothing is said
    ],
)
def test_what_is_not_in_force(
    configured: Desk, change: Callable[[Desk], object], found: list[str], tmp_path: Path
) -> None:
    change(configured)
    assert run_of(configured, "mdb1", tmp_path)["not_in_force"] == found


@pytest.fixture(scope="module")
def process() -> Iterator[int]:
    """Something whose command line names galera-roll."""
    with subprocess.Popen(["bash", "-c", "read -r _", "galera-roll"], stdin=subprocess.PIPE) as running:
        yield running.pid
        running.kill()


@pytest.mark.parametrize(
    ("flag", "at_work"),
    [
        ("roll: a change by galera-roll, boot=boot-1 pid={pid}", True),
        ("roll: a change by galera-roll, boot=earlier pid={pid}", False),
        ("new disk", False),
        (None, False),
    ],
)
def test_a_roll_at_work(node: Desk, flag: str | None, at_work: bool, process: int, tmp_path: Path) -> None:
    node.write(f"/proc/{process}/cmdline", "bash\0galera-roll\0")
    if flag is not None:
        node.write("/var/lib/mariadb-ha/draining", flag.format(pid=process) + "\n")
    said = run_of(node, "mdb1", tmp_path)
    assert said["rolling"] is at_work
    assert said["draining"] == (flag.format(pid=process) if flag else None)


@pytest.mark.parametrize(
    ("on_lo", "ignore", "code"),
    [(["192.0.2.9"], "1", 0), ([], "0", 3), ([], "1", 3), (["192.0.2.9"], "0", 1)],
)
def test_a_real_server_in_words_and_codes_of_lvsdr(
    on_lo: list[str], ignore: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(PROGRAMS))
    from facts_realserver import whole

    for interface in ("lo", "all"):
        for key, value in (("arp_ignore", ignore), ("arp_announce", "2")):
            file = tmp_path / interface / key
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"{value}\n")
    found, words = whole(["192.0.2.9"], on_lo, str(tmp_path))
    assert found == code
    assert words.splitlines()[-1] == {0: "running", 3: "stopped", 1: "partly running"}[code]


def test_every_unit_that_hactl_looks_for_is_one_that_the_host_reports(node: Desk, tmp_path: Path) -> None:
    """Otherwise a healthy stack is called unhealthy, its unit being "unknown", and `make up` never ends."""
    inventory = stack.inventory()
    for host in inventory.hosts:
        wanted = {unit.name for one in components_of(inventory).values() for unit in one.units(host)}
        assert wanted
        assert wanted <= set(run_of(node, host, tmp_path)["units"]), host
