"""Good configurations give no message, in whichever form they come."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.lab_hosts import lab_hosts, with_keys
from settings import check_config, load_stack
from settings.intake import read
from settings.kinds.directors.model import Directors
from settings.kinds.galera.model import Galera
from tests.unit.settings_bad_lvs import BEHIND, BOTH, VS
from tests.unit.settings_config import GONE, GOOD, KEY, MIXED, changed, host_key, metal

ROOT = Path(__file__).resolve().parents[2]

NO_VM = metal("ha1", "ha2", "mdb1", "mdb2", "mdb3")

VARIANTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "single writer with a reader": {"galera.routing": "single-writer", "directors.virtual_server": {},
        "directors.reader": {"vip": "172.16.21.189"}},
    "single writer by fo": {"galera.routing": "single-writer", "directors.virtual_server": {"lb_algo": "fo"}},
    "the seed's way": {"directors.vrrp_version": 2, "directors.authentication": {"auth_pass": "12345678"},
        "timers": {"profile": "classic"}},
    "wan": {"timers": {"profile": "wan"}},
    "source hashing with persistence": {"directors.virtual_server.lb_algo": "sh"},
    "mh": {"directors.virtual_server": {"lb_algo": "mh"}},
    "no reference node": {"galera.reference_node": GONE},
    "real servers named": {"directors.real_servers": ["mdb3", "mdb2"]},
    "no directors": {"directors": GONE, "hosts": {f"n{n}": {"address": f"172.16.21.{n}"} for n in (4, 5, 6)},
        "galera": {"members": ["n4", "n5", "n6"]}},
    "an existing bridge": {"network": {"cidr": "172.16.21.0/24", "bridge": "br0"}},
    "numbers as text": {"directors.virtual_router_id": "51", "hosts.mdb2.vcpus": "2"},
    "e-mail": {"directors.notification": {"notification_email": ["dba@example.org", "root@localhost"],
        "smtp_server": "mail.example.org 587"}},
    "a key": {"ssh.authorized_keys": [KEY], "ssh.admin_cidrs": ["172.16.21.0/24", "192.0.2.7", "192.0.2.8/32"]},
    "rights":
        {"databases.app.accounts.ro": {"privileges": ["select", "SHOW VIEW"], "host": "172.16.21.0/255.255.255.0"}},
    "hosts by pattern": {
        "databases.app.accounts": {"a": {"host": "172.16.%"}, "b": {"host": "10.0.0.7"}, "c": {"host": "localhost"},
            "d": {"host": "10.1_.%.%"}},
    },
    "one account for two databases": {"databases.shop": {"accounts": {"app": {}}}},
    "rotated": {"secret_generations": {"root-password": 2}},
    "secret file": {"stack_secret": GONE, "stack_secret_file": ".state/x/stack_secret"},
    "test driver": {"hypervisor.uri": "test:///default"},
    "image by URL": {"hypervisor.image": "https://images.example.org/debian-12-generic-amd64.qcow2"},
    "nopreempt": {"directors.preempt": False},
    "Pulumi.yaml's defaults":
        {"ssh": {}, "timers": {}, "hypervisor": {}, "secret_generations": {}, "stack_secret_file": ""},
    "encrypted secrets": {
        "stack_secret": {"secure": "v1:abc:def"}, "databases.app.accounts.app.password": {"secure": "v1:abc:def"},
        "databases.shop": {"accounts": {"app": {"password": {"secure": "v1:ghi:jkl"}}}},
    },
    "masters behind directors": BEHIND,
    "masters behind directors, the document's way":
        {**BOTH, VS: {"lb_algo": "wrr", "weights": {"mdb2": 3, "mdb3": 3}, "persistence_timeout": 50, "check": "tcp"}},
    "masters behind NAT": {**BEHIND, VS: {"lb_kind": "NAT", "port": 3307}, "directors.inner_vip": "172.16.21.187"},
    "masters behind TUN": {**BEHIND, VS: {"lb_kind": "TUN"}},
    "the heaviest writes": {**BEHIND, VS: {"weights": {"mdb2": 1, "mdb3": 5}}},
    **{f"scheduler {algo}": {**BOTH, VS: {"lb_algo": algo}} for algo in ("rr", "wrr", "lc", "wlc", "sh", "sed", "nq",
        "mh")},
    **{f"scheduler {algo}": {**BOTH, VS: {"lb_algo": algo, "accept_one_server": True}} for algo in ("lblc", "lblcr",
        "dh", "fo", "ovf")},
    "ovf with weights": {**BOTH, VS: {"lb_algo": "ovf", "weights": {"mdb2": 100, "mdb3": 100}}},
    "flags": {**BOTH, VS: {"lb_algo": "sh", "flags": ["sh-port", "sh-fallback"]}},
    "bare metal beside VMs": metal("mdb2", "ha1"),
    "bare metal alone": NO_VM,
    "bare metal needs no gateway and no hypervisor":
        {**NO_VM, "network": {"cidr": "172.16.21.0/24"}, "hypervisor": {"uri": "qemu+tcp://127.0.0.1:1/system"}},
    "bare metal's memory is looked up there":
        {**NO_VM, "galera.innodb_buffer_pool_size_mib": 65536, "galera.gcache_size_mib": 65536},
    "bare metal whose sizes are said":
        {**metal("mdb2"), "hosts.mdb2.memory_mib": 65536, "hosts.mdb2.data_disk_gib": 500},
    "root on bare metal": {**NO_VM, "ssh.user": "root"},
    "host key with its comment": {**metal("mdb2"), "hosts.mdb2.ssh_host_key": f"{host_key(9)} root@mdb2"},
    "trust on first use": {"hosts.mdb2.provisioner": "bare-metal", "bare_metal.trust_on_first_use": True},
    "retained data adopted": {**metal("mdb2"), "bare_metal.adopt_retained_data": True},
    "an interface of its own": {**metal("mdb2"), "hosts.mdb2.interface": "enp0s31f6u1u2u", "network.interface": "eth1"},
    "every director with an interface of its own": {
        **metal("ha1", "ha2"), "hosts.ha1.interface": "eno1", "hosts.ha2.interface": "eno1",
            "network.interface": "enp0s31f6u1u2u",
    },
    "one node lost": {**metal("mdb2"), "hosts.mdb2.lost": True},
    "a lost host needs no key": {"hosts.mdb2.provisioner": "bare-metal", "hosts.mdb2.lost": True},
    "a lost host's key may live on": {**metal("mdb2", "mdb3"), "hosts.mdb2.lost": True,
        "hosts.mdb2.ssh_host_key": metal("mdb3")["hosts.mdb3.ssh_host_key"]},
    "the reference node lost": {**metal("mdb1"), "hosts.mdb1.lost": True},
    "one director lost": {**metal("ha1"), "hosts.ha1.lost": True},
    "one real server that is named lost":
        {**metal("mdb3"), "hosts.mdb3.lost": True, "directors.real_servers": ["mdb3", "mdb2"]},
    "further names":
        {"network.extra_hosts": {"mirror": "172.16.21.9", "backup.example.org": "192.0.2.7", "db": "172.16.21.188"}},
    "a host's full name": {"network.extra_hosts": {"mdb1.example.org": "172.16.21.180"}},
    "no time to drain": {"galera.drain_timeout": 0},
    "an encrypted host key": {**metal("mdb2"), "hosts.mdb2.ssh_host_key": {"secure": "v1:abc:def"}},
    "an encrypted section": {"galera": {"secure": "v1:abc:def"}},
    "an encrypted address": {"hosts.mdb2.address": {"secure": "v1:abc:def"}},
}  # fmt: skip


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS.keys())
def test_no_message(changes: dict[str, Any]) -> None:
    assert check_config(changed(changes), "dev") == []


@pytest.mark.parametrize("file", sorted(ROOT.glob("Pulumi.*.yaml")), ids=lambda file: file.name)
def test_stack_files(file: Path) -> None:
    """As `make up` completes them: with a secret, and with the keys of hosts that the lab makes."""
    name = file.name.split(".")[1]
    config = yaml.safe_load(file.read_text())["config"]
    config = with_keys(config, lab_hosts(name).of(config), known=False)
    secret = (
        {} if "mariadb-ha:stack_secret_file" in config else {"mariadb-ha:stack_secret": GOOD["mariadb-ha:stack_secret"]}
    )
    assert check_config(config | secret, name) == []


def test_mixed() -> None:
    assert check_config(MIXED, "dev") == []


def test_forms_of_the_same_settings() -> None:
    """With and without prefix, and as Pulumi hands it to a program: JSON text, other programs' keys beside it."""
    bare = {key.partition(":")[2]: value for key, value in GOOD.items()}
    handed = {key: value if isinstance(value, str) else json.dumps(value) for key, value in GOOD.items()} | {
        "libvirt:uri": "qemu:///system"
    }
    assert load_stack(GOOD) == load_stack(bare) == load_stack(handed)


def test_values_arrive() -> None:
    stack = load_stack(GOOD)
    assert str(stack.hosts["mdb2"].address) == "172.16.21.181"
    directors, galera = stack.only(Directors), stack.only(Galera)
    assert directors is not None
    assert directors.virtual_server.persistence_timeout == 50
    assert galera is not None
    assert galera.members == ("mdb1", "mdb2", "mdb3")


def test_all_defaults_of_the_project_file_are_taken() -> None:
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    defaults = {key: entry["default"] for key, entry in project["config"].items()}
    assert load_stack(defaults | {key.partition(":")[2]: value for key, value in GOOD.items()}) == load_stack(GOOD)
    assert "directors" not in read(defaults).sections
