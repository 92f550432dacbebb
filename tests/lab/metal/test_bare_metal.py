"""Bare metal: S1 on servers that Pulumi did not create, in a lab of its own. The same files as on the VMs, then
changed, then a server is lost, then the stack is destroyed.
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


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Five servers, the stack file that names them, and the stack's own key admitted on them."""
    made = Stack("metal", lab=metal.LAB, port=13308)
    forget(made)
    key = keep_secret(made)
    assert made.run("lab/start").code == 0
    try:
        metal.KEY.touch(mode=0o600)
        metal.KEY.write_text(key.private)
        metal.hosts_up(key.public)
        repo = made.run("lab/repo")
        assert repo.code == 0, repo.out
        config = dev_config()
        del config["mariadb-ha:hypervisor"]
        config["mariadb-ha:stack_secret_file"] = ".state/metal/stack_secret"
        config["mariadb-ha:ssh"] = {"user": metal.LOGIN}
        config["mariadb-ha:bare_metal"] = {"trust_on_first_use": True}
        keys = metal.host_keys()
        for name, entry in config["mariadb-ha:hosts"].items():
            server = {
                "address": entry["address"],
                "provisioner": "bare-metal",
                "interface": metal.interface(name),
                "ssh_host_key": keys[name],
                # as large as the VMs whose files these are compared with
                **({"memory_mib": 1024, "data_disk_gib": 10} if name.startswith("mdb") else {}),
            }
            config["mariadb-ha:hosts"][name] = server
        del config["mariadb-ha:hosts"]["ha2"]["ssh_host_key"]  # the first connection is trusted there
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
    metal.ssh("ha2", "sudo hostnamectl set-hostname lb7")
    try:
        wrong = {"address": "172.16.21.201", "provisioner": "bare-metal", "ssh_host_key": host_key_of_nobody()}
        with stack_file_says(stack, {"hosts": {"ha1": wrong}}):
            refused = stack.make("up")
        assert refused.code != 0
        assert "Traceback" not in refused.out, refused.out[-4000:]
        for words in ("nothing was touched", "ha1", "host key", "mdb1", "shop", "mdb2", "4567", "ha2", "lb7"):
            assert words in refused.out, (words, refused.out[-3000:])
        for host in metal.HOSTS:
            assert metal.ssh(host, "ls -d /var/lib/mariadb-ha /usr/local/lib/mariadb-ha /etc/mariadb-ha").code != 0, (
                host
            )
    finally:
        metal.ssh("mdb1", "sudo rm -r /var/lib/mysql/shop")
        metal.ssh("mdb2", "sudo systemctl stop squatter")
        metal.ssh("ha2", "sudo hostnamectl set-hostname ha2")


def host_key_of_nobody() -> str:
    """A well-formed key that no host has."""
    return Secrets(stack="nobody", stack_secret=TEST_SECRET).ssh_key("ssh-host-key", "nobody").public


def test_up_makes_the_same_stack_over_ssh(stack: Stack, measure: Measure) -> None:
    done = stack.make("up")
    assert done.code == 0, done.out[-5000:]
    measure("metal: make up on five servers, packages installed on two", f"{done.seconds:.0f} s")
    status = stack.hactl("status")
    assert status.code == 0, status.out


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


def test_a_second_up_changes_nothing(stack: Stack) -> None:
    again = stack.make("up")
    assert again.code == 0, again.out
    assert "nothing to do; SQL answers" in again.out


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
    for host in ("ha1", "ha2", "mdb1", "mdb2"):
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
    assert metal.ssh("ha2", "dpkg-query -W -f '${Status}' keepalived").out.strip() != "install ok installed", (
        "the stack had installed it"
    )
    assert metal.ssh("ha1", "dpkg-query -W -f '${Status}' keepalived").out.strip() == "install ok installed", (
        "it was there before the stack"
    )


def test_kept_data_is_not_taken_without_a_word(stack: Stack) -> None:
    """From here on without directors: what follows is about data."""
    document = yaml.safe_load(stack.file.read_text())
    del document["config"]["mariadb-ha:directors"]
    for director in ("ha1", "ha2"):
        del document["config"]["mariadb-ha:hosts"][director]
    stack.file.write_text(yaml.safe_dump(document, sort_keys=False))
    assert stack.run("lab/hosts", "down", "ha1", "ha2").code == 0
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
