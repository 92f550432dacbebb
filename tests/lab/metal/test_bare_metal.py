"""The second door: S1 on servers that Pulumi did not create, in a lab of its own. The same files as on the VMs, then changed,
then a server is lost, then the stack is destroyed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from plan.secrets import Secrets
from tests.conftest import TEST_SECRET, dev_config
from tests.lab.changing import clients_write, stack_file_says
from tests.lab.metal import servers as metal
from tests.lab.stacks import ROOT, Run

STACK_FILE = ROOT / "Pulumi.metal.yaml"
WORK = ROOT / ".state/metal"
HACTL = ("lab/run", "./hactl")
NODES = ("mdb1", "mdb2", "mdb3")
#: One node and one director get their packages over the network, as most users' servers do.
HOSTS = {**metal.HOSTS, "ha2": "172.16.21.202:512:unbaked", "mdb3": "172.16.21.182:1024:unbaked"}


def make(target: str, timeout: float = 1500) -> Run:
    """`make` where the servers can be reached: this stack has no hypervisor, and so no lab of its own."""
    return metal.lab("lab/run", "make", target, "STACK=metal", timeout=timeout)


def hactl(*words: str) -> Run:
    """`hactl` for the stack on bare metal."""
    return metal.lab(*HACTL, *words, "--stack", "metal")


def sql(host: str, statement: str) -> str:
    """SQL as root on a node, through its socket."""
    done = metal.ssh(host, "sudo mariadb -N -B", stdin=statement)
    assert done.code == 0, done.out
    return done.out.strip()


@pytest.fixture(scope="module", autouse=True)
def servers() -> Iterator[None]:
    """Five servers, the stack file that names them, and the stack's own key admitted on them."""
    forget()
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "stack_secret").touch(mode=0o600)
    (WORK / "stack_secret").write_text(TEST_SECRET + "\n")
    key = Secrets(stack="metal", stack_secret=TEST_SECRET).ssh_key("admin-ssh-key")
    assert metal.lab("lab/start").code == 0
    try:
        metal.KEY.touch(mode=0o600)
        metal.KEY.write_text(key.private)
        made = metal.hosts_up(key.public, HOSTS)
        print(f"five servers up: {made.seconds:.0f} s")
        repo = metal.lab("lab/repo")
        assert repo.code == 0, repo.out
        config = dev_config()
        del config["mariadb-ha:hypervisor"]
        config["mariadb-ha:stack_secret_file"] = ".state/metal/stack_secret"
        config["mariadb-ha:ssh"] = {"user": metal.LOGIN}
        config["mariadb-ha:bare_metal"] = {"trust_on_first_use": True}
        keys = metal.host_keys()
        for name, entry in config["mariadb-ha:hosts"].items():
            config["mariadb-ha:hosts"][name] = {"address": entry["address"], "provisioner": "bare-metal", "ssh_host_key": keys[name]}
        del config["mariadb-ha:hosts"]["ha2"]["ssh_host_key"]  # the first connection is trusted there
        STACK_FILE.write_text(yaml.safe_dump({"config": config}, sort_keys=False))
        yield
    finally:
        STACK_FILE.unlink(missing_ok=True)
        metal.hosts_down()
        forget()


def forget() -> None:
    """What an earlier run left of the stack: its servers are gone."""
    shutil.rmtree(WORK, ignore_errors=True)
    for path in (ROOT / ".state/pulumi").rglob("metal*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def test_the_preflight_says_everything_at_once_and_touches_nothing() -> None:
    """Another host key, a taken port, somebody else's database, another host name."""
    metal.ssh("mdb1", "sudo mkdir -p /var/lib/mysql/shop && sudo touch /var/lib/mysql/shop/orders.ibd")
    metal.ssh("mdb2", "sudo systemd-run --unit=squatter python3 -m http.server 4567")
    metal.ssh("ha2", "sudo hostnamectl set-hostname lb7")
    try:
        wrong = {"address": "172.16.21.201", "provisioner": "bare-metal", "ssh_host_key": host_key_of_nobody()}
        with stack_file_says({"hosts": {"ha1": wrong}}, STACK_FILE):
            refused = make("up")
        assert refused.code != 0
        assert "Traceback" not in refused.out, refused.out[-4000:]
        for words in ("nothing was touched", "ha1", "host key", "mdb1", "shop", "mdb2", "4567", "ha2", "lb7"):
            assert words in refused.out, (words, refused.out[-3000:])
        for host in metal.HOSTS:
            assert metal.ssh(host, "ls -d /var/lib/mariadb-ha /usr/local/lib/mariadb-ha /etc/mariadb-ha").code != 0, host
    finally:
        metal.ssh("mdb1", "sudo rm -r /var/lib/mysql/shop")
        metal.ssh("mdb2", "sudo systemctl stop squatter")
        metal.ssh("ha2", "sudo hostnamectl set-hostname ha2")


def host_key_of_nobody() -> str:
    """A well-formed key that no host has."""
    return Secrets(stack="nobody", stack_secret=TEST_SECRET).ssh_key("ssh-host-key", "nobody").public


def test_up_makes_the_same_stack_over_ssh() -> None:
    done = make("up")
    assert done.code == 0, done.out[-5000:]
    print(f"make up on five servers: {done.seconds:.0f} s\n{done.out}")
    status = hactl("status")
    assert status.code == 0, status.out


def test_the_same_files_byte_for_byte_as_through_the_first_door(vm_manifests: Path) -> None:
    assert vm_manifests.exists(), "the VMs' files are written down by tests/lab/test_8_manifest.py: run it in the same session"
    vms: dict[str, Any] = json.loads(vm_manifests.read_text())
    different, files = [], 0
    for host in metal.HOSTS:
        done = metal.ssh(host, "sudo python3 -", stdin=metal.MANIFEST)
        assert done.code == 0, done.out
        server = json.loads(done.out)
        files += len(server["files"])
        different += [f"{host}: {words}" for words in metal.compare(vms[host], server)]
    print(f"{files} files on five hosts compared: content, mode, owner")
    assert not different, "\n".join(different)


def test_a_second_up_changes_nothing() -> None:
    again = make("up")
    assert again.code == 0, again.out
    assert "nothing to do; SQL answers" in again.out


def test_a_change_rolls_as_on_vms() -> None:
    set_settings("galera", max_connections=321)
    with clients_write(HACTL, "metal", metal.LAB) as ledger:
        changed = make("up")
        assert changed.code == 0, changed.out[-5000:]
    print(f"rolling change on bare metal: {changed.seconds:.0f} s")
    assert {node: sql(node, "SELECT @@max_connections") for node in NODES} == dict.fromkeys(NODES, "321")
    assert ledger.report["failed_connections"] == 0
    assert ledger.report["failed_writes"] == 0


def set_settings(section: str, **values: Any) -> None:
    """Edits the stack file for good."""
    document = yaml.safe_load(STACK_FILE.read_text())
    document["config"][f"mariadb-ha:{section}"].update(values)
    STACK_FILE.write_text(yaml.safe_dump(document, sort_keys=False))


def test_a_server_that_is_gone_for_good_is_declared_lost() -> None:
    """Nobody tries to reach it; the other two go on, without a restart."""
    before = {node: metal.ssh(node, "systemctl show -P MainPID mariadb").out for node in ("mdb1", "mdb2")}
    assert metal.lab("lab/hosts", "down", "mdb3").code == 0
    hosts = yaml.safe_load(STACK_FILE.read_text())["config"]["mariadb-ha:hosts"]
    set_settings("hosts", mdb3={**hosts["mdb3"], "lost": True})
    done = make("up")
    assert done.code == 0, done.out[-5000:]
    assert "172.16.21.182" not in metal.ssh("mdb2", "sudo cat /etc/mysql/mariadb.conf.d/73-mariadb-ha-members.cnf").out
    assert before == {node: metal.ssh(node, "systemctl show -P MainPID mariadb").out for node in ("mdb1", "mdb2")}
    status = hactl("status")
    assert status.code == 0, status.out


def test_destroy_gives_the_servers_back_and_keeps_the_data() -> None:
    sql("mdb1", "CREATE TABLE app.kept (id INT PRIMARY KEY)")
    done = make("down")
    assert done.code == 0, done.out[-5000:]
    assert "kept" in done.out
    assert "/var/lib/mysql" in done.out
    for host in ("ha1", "ha2", "mdb1", "mdb2"):
        paths = "/usr/local/lib/mariadb-ha /etc/mariadb-ha /etc/keepalived/conf.d/60-lvs-directors.conf /etc/nftables.d/input-galera.nft"
        left = metal.ssh(host, f"ls -d {paths}").out
        assert left.count("No such file") == 4, left
        assert "mariadb_ha" not in metal.ssh(host, "sudo nft list tables 2>/dev/null").out, host
        assert "172.16.21.188" not in metal.ssh(host, "ip -4 addr").out, host
        running = metal.ssh(host, "ps -eo comm=").out.split()
        assert not {"mariadbd", "keepalived"} & set(running), host
    for host in ("mdb1", "mdb2"):
        assert "kept.ibd" in metal.ssh(host, "sudo ls /var/lib/mysql/app").out
        assert json.loads(metal.ssh(host, "cat /var/lib/mariadb-ha/retained.json").out)["stack"] == "metal"
    assert metal.ssh("ha2", "dpkg-query -W -f '${Status}' keepalived").out.strip() != "install ok installed", "the stack had installed it"
    assert metal.ssh("ha1", "dpkg-query -W -f '${Status}' keepalived").out.strip() == "install ok installed", "it was there before the stack"


def test_kept_data_is_not_taken_without_a_word() -> None:
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "stack_secret").touch(mode=0o600)
    (WORK / "stack_secret").write_text(TEST_SECRET + "\n")
    refused = make("up")
    assert refused.code != 0
    assert "adopt_retained_data" in refused.out
    assert "Traceback" not in refused.out, refused.out[-4000:]
    for host in ("mdb1", "mdb2"):
        assert "kept.ibd" in metal.ssh(host, "sudo ls /var/lib/mysql/app").out
        assert metal.ssh(host, "ls -d /usr/local/lib/mariadb-ha").code != 0, "nothing was touched"


def test_kept_data_is_taken_with_a_word() -> None:
    set_settings("bare_metal", adopt_retained_data=True)
    done = make("up")
    assert done.code == 0, done.out[-5000:]
    for node in ("mdb1", "mdb2"):
        assert sql(node, "SHOW TABLES FROM app LIKE 'kept'") == "kept"


def test_data_is_discarded_with_a_word() -> None:
    set_settings("bare_metal", adopt_retained_data=False, purge_data=True)
    told = make("up")
    assert told.code == 0, told.out[-5000:]
    done = make("down")
    assert done.code == 0, done.out[-5000:]
    for node in ("mdb1", "mdb2"):
        assert not metal.ssh(node, "sudo ls -A /var/lib/mysql").out
        assert metal.ssh(node, "ls /var/lib/mariadb-ha").code != 0
