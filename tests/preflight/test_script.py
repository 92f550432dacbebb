"""`facts.sh` run for real: against this machine, and against a folder that stands for a host's `/` with stand-ins for
ip, ss and ping.
"""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from preflight.check import SCRIPT
from preflight.facts import Facts, facts_of, sections_of
from preflight.lines import Address, Listener, Process, VipAnswer
from tests.preflight.hosts import VIP, bare_metal, script

FILES = {
    "etc/os-release": 'ID=debian\nVERSION_ID="12"\n',
    "proc/1/comm": "systemd\n",
    "proc/mounts": "/dev/vda1 / ext4 rw,relatime 0 0\n",
    "proc/meminfo": "MemTotal:        1003520 kB\nMemFree: 1 kB\n",
    "proc/815/comm": "mariadbd\n",
    "proc/815/cgroup": "0::/system.slice/docker-0123.scope\n",
    "proc/816/comm": "keepalived\n",
    "proc/817/comm": "bash\n",
    "proc/sys/kernel/hostname": "mdb2\n",
    "etc/machine-id": "3d1219c7c4c5404aaa1f6d2a48adfda4\n",
    # No newline at the end: the next section must not be lost.
    "etc/hosts": "127.0.0.1 localhost\n10.9.9.9 mirror",
    "etc/network/interfaces": f"auto eth0\niface eth0 inet static\n  address {VIP}/24\n",
    "etc/network/interfaces.d/other": f"# address {VIP}\n  gateway {VIP}\n  address 172.16.21.18\n",
    "etc/nftables.conf": "table inet mine { }\n",
    "etc/ufw/ufw.conf": "ENABLED=yes\n",
    "etc/keepalived/keepalived.conf": "# mine\n",
    "var/lib/mariadb-ha/stack.json": '{"stack": "prod", "host": "mdb2"}\n',
    "var/lib/mysql/shop/t.frm": "",
    "var/lib/mysql/#innodb_redo/x": "",
    "var/lib/mysql/ibdata1": "",
    "var/lib/mysql/grastate.dat": "uuid:    6b1f0a3e-0001-11ef-9999-000000000001\nseqno: -1\n",
    "sys/module/ip_vs/refcnt": "0\n",
}
PROGRAMS = {
    "ip": f"""case "$*" in
*addr*) echo '2: eth0    inet 172.16.21.181/24 brd 172.16.21.255 scope global eth0' ;;
*neigh*) echo '{VIP} dev eth0 lladdr 52:54:00:00:00:09 REACHABLE' ;;
esac""",
    "ss": """echo 'LISTEN 0 80 0.0.0.0:4567 0.0.0.0:* users:(("java",pid=7,fd=3))'""",
    # Reads its standard input, which must not be the rest of the script.
    "ping": "cat; exit 1",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that stands for a host's `/`."""
    for name, content in FILES.items():
        file = tmp_path / "root" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    for name, body in PROGRAMS.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
    (tmp_path / "tmp").mkdir()
    return tmp_path / "root"


def look(root: Path, text: str) -> Facts:
    env = {"PATH": f"{root.parent}/bin:{os.environ['PATH']}", "MHA_ROOT": str(root), "TMPDIR": f"{root.parent}/tmp"}
    done = subprocess.run(["sh", "-s"], input=text, env=env, capture_output=True, text=True, check=True, timeout=60)
    sections = sections_of(done.stdout)
    assert sections is not None
    assert done.stderr == ""
    return facts_of(sections, began=0, ended=0)


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"") for path in folder.rglob("*")
    }


def test_a_host_with_everything(root: Path) -> None:
    before = snapshot(root.parent)
    facts = look(root, script(bare_metal()))
    assert snapshot(root.parent) == before, "looking changes nothing"
    assert (facts.os_id, facts.os_version, facts.init, facts.hostname, facts.memory_mib) == (
        "debian",
        "12",
        "systemd",
        "mdb2",
        980,
    )
    assert facts.hosts_file == ("127.0.0.1 localhost", "10.9.9.9 mirror")
    assert facts.machine_id == "3d1219c7c4c5404aaa1f6d2a48adfda4"
    assert facts.addresses == (Address("eth0", "172.16.21.181", "24"),)
    assert facts.vip_files == ((VIP, "/etc/network/interfaces"),)
    assert facts.vip_answers == (VipAnswer(VIP, True, "52:54:00:00:00:09"),)
    assert facts.listeners == (Listener(4567, "java", "7"),)
    assert facts.processes == (Process("815", "mariadbd", True, ""), Process("816", "keepalived", False, ""))
    assert facts.keepalived == "own"
    assert len(facts.nftables) == 1
    assert facts.firewalls[-1:] == ("ufw",)
    assert facts.stack == {"stack": "prod", "host": "mdb2"}
    assert set(facts.data_folders) == {"shop", "#innodb_redo"}
    assert facts.data_files == ("grastate.dat", "ibdata1")
    assert facts.grastate_uuid == "6b1f0a3e-0001-11ef-9999-000000000001"
    assert facts.modules == ("ip_vs",)
    assert not facts.read_only_root
    assert {disk.folder for disk in facts.disks} == {"/", "/var/lib/mysql", "/var/log"}


def test_a_bare_folder_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "root").mkdir()
    facts = look(tmp_path / "root", script(bare_metal()))
    assert facts.stack is None
    assert facts.data_folders == ()
    assert facts.nftables == ()


def test_our_own_files_are_known(root: Path) -> None:
    for name in ("etc/nftables.conf", "etc/keepalived/keepalived.conf"):
        (root / name).write_text("# Generated by mariadb-ha; changes are lost.\n")
    facts = look(root, script(bare_metal()))
    assert facts.keepalived == "generated"
    assert "generated" in facts.nftables


def test_a_host_of_this_stack_is_spared_what_only_a_first_up_asks(root: Path) -> None:
    """It serves: looking through its sockets and packages would cost the service, and nobody judges them there."""
    context = bare_metal()
    (root / "var/lib/mariadb-ha/stack.json").write_text(f'{{"stack": "{context.stack}", "host": "mdb2"}}\n')
    facts = look(root, script(context))
    assert facts.stack == {"stack": context.stack, "host": "mdb2"}
    assert (facts.listeners or (), facts.processes, facts.firewalls) == ((), (), ())
    assert facts.machine_id == "3d1219c7c4c5404aaa1f6d2a48adfda4"


def test_this_machine() -> None:
    done = subprocess.run(
        ["sh", "-s"], input=SCRIPT.read_text(), capture_output=True, text=True, check=True, timeout=60
    )
    sections = sections_of(done.stdout)
    assert sections is not None
    facts = facts_of(sections, began=0, ended=0)
    assert facts.hostname == socket.gethostname()
    assert facts.clock_off > 1.7e9, "the clock was read"
    assert facts.init == Path("/proc/1/comm").read_text().strip()
    assert facts.memory_mib == int(Path("/proc/meminfo").read_text().split()[1]) // 1024
    assert {disk.folder for disk in facts.disks} == {"/", "/var/lib/mysql", "/var/log"}
    assert any(entry.address == "127.0.0.1" for entry in facts.addresses or ())
