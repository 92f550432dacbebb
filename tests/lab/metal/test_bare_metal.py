"""Bare metal: servers that Pulumi did not create, in a lab of its own. A cluster on three of them; with the matrix its
directors come too, and every file is compared with the VMs'. Then a server is lost, then the stack is destroyed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from plan.secrets import Secrets
from tests.conftest import TEST_SECRET, dev_config
from tests.lab.changing import clients_write, stack_file_says
from tests.lab.measuring import Measure
from tests.lab.metal import servers as metal
from tests.lab.servers import forget, keep_secret
from tests.lab.stacks import Stack

NODES = ("mdb1", "mdb2", "mdb3")
DIRECTORS = ("ha1", "ha2")


def server(name: str, key: str) -> dict[str, Any]:
    """A host of the stack file: as large as the VM whose files it is compared with."""
    size = {"memory_mib": 1024, "data_disk_gib": 10} if name in NODES else {}
    place = {"address": metal.HOSTS[name].split(":")[0], "interface": metal.interface(name)}
    return {**place, "provisioner": "bare-metal", "ssh_host_key": key, **size}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Three servers, the stack file that names them, and the stack's own key admitted on them."""
    made = Stack("metal", lab=metal.LAB, port=13308)
    forget(made)
    key = keep_secret(made)
    assert made.run("lab/start").code == 0
    try:
        metal.KEY.touch(mode=0o600)
        metal.KEY.write_text(key.private)
        nodes = {name: metal.HOSTS[name] for name in NODES}
        metal.hosts_up(key.public, nodes)
        repo = made.run("lab/repo")
        assert repo.code == 0, repo.out
        config = dev_config()
        del config["mariadb-ha:hypervisor"], config["mariadb-ha:directors"]
        config["mariadb-ha:stack_secret_file"] = ".state/metal/stack_secret"
        config["mariadb-ha:ssh"] = {"user": metal.LOGIN}
        config["mariadb-ha:bare_metal"] = {"trust_on_first_use": True}
        config["mariadb-ha:hosts"] = {name: server(name, key) for name, key in metal.host_keys(nodes).items()}
        del config["mariadb-ha:hosts"]["mdb2"]["ssh_host_key"]  # the first connection is trusted there
        made.file.write_text(yaml.safe_dump({"config": config}, sort_keys=False))
        yield made
    finally:
        made.file.unlink(missing_ok=True)
        metal.hosts_down()
        forget(made)


def test_the_preflight_says_everything_at_once_and_touches_nothing(stack: Stack) -> None:
    """Another host key, a taken port, somebody else's database, another host name."""
    metal.ssh("mdb1", "sudo mkdir -p /var/lib/mysql/shop && sudo touch /var/lib/mysql/shop/orders.ibd")
    metal.ssh("mdb2", "sudo systemd-run --unit=squatter python3 -m http.server 4567")
    metal.ssh("mdb2", "sudo hostnamectl set-hostname db7")
    try:
        with stack_file_says(stack, {"hosts": {"mdb3": server("mdb3", host_key_of_nobody())}}):
            refused = stack.make("up")
        assert refused.code != 0
        assert "Traceback" not in refused.out, refused.out[-4000:]
        for words in ("nothing was touched", "mdb3", "host key", "mdb1", "shop", "mdb2", "4567", "db7"):
            assert words in refused.out, (words, refused.out[-3000:])
        for host in NODES:
            assert metal.ssh(host, "ls -d /var/lib/mariadb-ha /usr/local/lib/mariadb-ha /etc/mariadb-ha").code != 0, (
                host
            )
    finally:
        metal.ssh("mdb1", "sudo rm -r /var/lib/mysql/shop")
        metal.ssh("mdb2", "sudo systemctl stop squatter; sudo hostnamectl set-hostname mdb2")


def host_key_of_nobody() -> str:
    """A well-formed key that no host has."""
    return Secrets(stack="nobody", stack_secret=TEST_SECRET).ssh_key("ssh-host-key", "nobody").public


def test_up_makes_the_same_stack_over_ssh(stack: Stack, measure: Measure) -> None:
    done = stack.make("up")
    assert done.code == 0, done.out[-5000:]
    measure("metal: make up on three servers, packages installed on one", f"{done.seconds:.0f} s")
    status = stack.hactl("status")
    assert status.code == 0, status.out


def test_a_second_up_changes_nothing(stack: Stack) -> None:
    again = stack.make("up")
    assert again.code == 0, again.out
    assert "nothing to do; SQL answers" in again.out


@pytest.mark.matrix
def test_directors_come_to_a_living_cluster(stack: Stack) -> None:
    """Guests, which have a kernel of their own; one of them gets its packages over the network."""
    metal.hosts_up(keep_secret(stack).public)
    keys = metal.host_keys()
    stack.set_settings("hosts", **{name: server(name, keys[name]) for name in DIRECTORS})
    document = yaml.safe_load(stack.file.read_text())
    document["config"]["mariadb-ha:directors"] = dev_config()["mariadb-ha:directors"]
    stack.file.write_text(yaml.safe_dump(document, sort_keys=False))
    done = stack.make("up")
    assert done.code == 0, done.out[-5000:]
    status = stack.hactl("status")
    assert status.code == 0, status.out


@pytest.mark.matrix
def test_the_same_files_byte_for_byte_as_on_vms(stack: Stack, vm_manifests: Path) -> None:
    assert vm_manifests.exists(), (
        "the VMs' files are written down by tests/lab/dev/test_8_manifest.py: run `tests/run dev metal`"
    )
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


@pytest.mark.matrix
def test_a_change_rolls_as_on_vms(stack: Stack, measure: Measure) -> None:
    stack.set_settings("galera", max_connections=321)
    with clients_write(stack) as ledger:
        changed = stack.make("up")
        assert changed.code == 0, changed.out[-5000:]
    measure(
        "metal: rolling change of three nodes",
        f"{changed.seconds:.0f} s, longest write gap {ledger.report['write_gap_s']} s",
    )
    assert {node: stack.sql(node, "SELECT @@max_connections") for node in NODES} == dict.fromkeys(NODES, "321")
    assert ledger.report["failed_connections"] == 0
    assert ledger.report["failed_writes"] == 0


def test_a_server_that_is_gone_for_good_is_declared_lost(stack: Stack) -> None:
    """Nobody tries to reach it; the other two go on, without a restart."""
    before = {node: metal.ssh(node, "systemctl show -P MainPID mariadb").out for node in ("mdb1", "mdb2")}
    assert stack.run("lab/hosts", "down", "mdb3").code == 0
    hosts = yaml.safe_load(stack.file.read_text())["config"]["mariadb-ha:hosts"]
    stack.set_settings("hosts", mdb3={**hosts["mdb3"], "lost": True})
    done = stack.make("up")
    assert done.code == 0, done.out[-5000:]
    assert "172.16.21.182" not in metal.ssh("mdb2", "sudo cat /etc/mysql/mariadb.conf.d/73-mariadb-ha-members.cnf").out
    assert before == {node: metal.ssh(node, "systemctl show -P MainPID mariadb").out for node in ("mdb1", "mdb2")}
    status = stack.hactl("status")
    assert status.code == 0, status.out


def test_destroy_gives_the_servers_back_and_keeps_the_data(stack: Stack) -> None:
    stack.sql("mdb1", "CREATE TABLE app.kept (id INT PRIMARY KEY)")
    done = stack.make("down")
    assert done.code == 0, done.out[-5000:]
    assert "kept" in done.out
    assert "/var/lib/mysql" in done.out
    hosts = yaml.safe_load(stack.file.read_text())["config"]["mariadb-ha:hosts"]
    for host in hosts.keys() - {"mdb3"}:
        paths = (
            "/usr/local/lib/mariadb-ha /etc/mariadb-ha /etc/keepalived/conf.d/60-lvs-directors.conf "
            "/etc/nftables.d/input-galera.nft"
        )
        left = metal.ssh(host, f"ls -d {paths}").out
        assert left.count("No such file") == 4, left
        assert "mariadb_ha" not in metal.ssh(host, "sudo nft list tables 2>/dev/null").out, host
        assert "172.16.21.188" not in metal.ssh(host, "ip -4 addr").out, host
        running = metal.ssh(host, "ps -eo comm=").out.split()
        assert not {"mariadbd", "keepalived"} & set(running), host
    for host in ("mdb1", "mdb2"):
        assert "kept.ibd" in metal.ssh(host, "sudo ls /var/lib/mysql/app").out
        assert json.loads(metal.ssh(host, "cat /var/lib/mariadb-ha/retained.json").out)["stack"] == "metal"
    for host in hosts.keys() - {"mdb3"}:
        package = "keepalived" if host in DIRECTORS else "python3-pymysql"
        kept = metal.ssh(host, f"dpkg-query -W -f '${{Status}}' {package}").out.strip() == "install ok installed"
        assert kept is ("unbaked" not in metal.HOSTS[host]), (
            f"{host}: what the stack installed goes, what was there stays"
        )


def test_kept_data_is_not_taken_without_a_word(stack: Stack) -> None:
    """From here on without directors: what follows is about data."""
    document = yaml.safe_load(stack.file.read_text())
    if "mariadb-ha:directors" in document["config"]:
        del document["config"]["mariadb-ha:directors"]
        for director in DIRECTORS:
            del document["config"]["mariadb-ha:hosts"][director]
        stack.file.write_text(yaml.safe_dump(document, sort_keys=False))
        assert stack.run("lab/hosts", "down", *DIRECTORS).code == 0
    keep_secret(stack)
    refused = stack.make("up")
    assert refused.code != 0
    assert "adopt_retained_data" in refused.out
    assert "Traceback" not in refused.out, refused.out[-4000:]
    for host in ("mdb1", "mdb2"):
        assert "kept.ibd" in metal.ssh(host, "sudo ls /var/lib/mysql/app").out
        assert metal.ssh(host, "ls -d /usr/local/lib/mariadb-ha").code != 0, "nothing was touched"


@pytest.mark.matrix
def test_kept_data_is_taken_with_a_word(stack: Stack) -> None:
    stack.set_settings("bare_metal", adopt_retained_data=True)
    done = stack.make("up")
    assert done.code == 0, done.out[-5000:]
    for node in ("mdb1", "mdb2"):
        assert stack.sql(node, "SHOW TABLES FROM app LIKE 'kept'") == "kept"


@pytest.mark.matrix
def test_data_is_discarded_with_a_word(stack: Stack) -> None:
    stack.set_settings("bare_metal", adopt_retained_data=False, purge_data=True)
    told = stack.make("up")
    assert told.code == 0, told.out[-5000:]
    done = stack.make("down")
    assert done.code == 0, done.out[-5000:]
    for node in ("mdb1", "mdb2"):
        assert not metal.ssh(node, "sudo ls -A /var/lib/mysql").out
        assert metal.ssh(node, "ls /var/lib/mariadb-ha").code != 0
