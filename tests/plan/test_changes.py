"""What a change of the settings does, by the real plans of both: a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ops.plan.text import text_lines
from plan.openssh import placeholder_key
from tests.plan.folders import Config, Edit, changed, section


def put(name: str, **values: Any) -> Edit:
    """Keys of a section."""
    return lambda config: section(config, name).update(values)


def put_host(host: str, **values: Any) -> Edit:
    """Keys of a host."""
    return lambda config: section(config, "hosts")[host].update(values)


def priority(section_name: str, host: str, value: int) -> Edit:
    """A VRRP priority."""
    return lambda config: section(config, section_name)["members"].update({host: {"priority": value}})


def protect(config: Config) -> None:
    """What holds data is protected, as by default."""
    for key in ("protect_data_volumes", "protect_database_hosts"):
        section(config, "hypervisor").pop(key)


def drop_node(config: Config) -> None:
    """One voter less than three."""
    section(config, "galera")["members"] = ["mdb1", "mdb2"]


def all_masters(config: Config) -> None:
    """Both masters take writes."""
    section(config, "master_master")["routing"] = "all-masters"
    section(config, "directors")["virtual_server"] = {"lb_algo": "rr"}


def one_writer(config: Config) -> None:
    """Only one of them does."""
    section(config, "master_master")["routing"] = "single-writer"
    section(config, "directors")["virtual_server"] = {"lb_algo": "fo", "accept_one_server": True}


def without_directors(config: Config) -> None:
    """The pair of directors goes."""
    del config["mariadb-ha:directors"]
    for host in ("ha1", "ha2"):
        del section(config, "hosts")[host]


@dataclass(frozen=True, kw_only=True)
class Case:
    """An edit and what must be said of it. `turns`: by component the hosts in their order."""

    edit: Edit
    stack: str = "dev"
    first: Edit | None = None
    changed: bool = True
    refused: bool = False
    turns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    restarts: bool = False
    machines: Mapping[str, str] = field(default_factory=dict)
    files: frozenset[str] | None = None
    words: tuple[str, ...] = ()


KEY_OF_WEB2 = placeholder_key("another")
VRRP = "/etc/keepalived/conf.d/50-vrrp-directors.conf"
CASES = {
    "nothing": Case(edit=lambda config: None, changed=False, words=("nothing changes",), files=frozenset()),
    "a priority": Case(
        edit=priority("directors", "ha1", 110),
        turns={"directors": ("ha1",)},
        files=frozenset({VRRP}),
        words=("-    priority 100", "+    priority 110", "keepalived is reloaded", "unchanged: director-stop"),
    ),
    "a roll": Case(
        edit=put("galera", max_connections=321),
        turns={"galera": ("mdb1", "mdb2", "mdb3")},
        restarts=True,
        words=("+max_connections = 321", "2 of 3 votes are left: it goes on"),
    ),
    "timers": Case(
        edit=put("timers", profile="wan"),
        turns={"galera": ("mdb1", "mdb2", "mdb3"), "directors": ("ha2", "ha1")},
        restarts=True,
        words=("realserver-kill  writes  3.50 s  17.00 s",),
    ),
    "a rule broken": Case(
        edit=drop_node, refused=True, changed=False, words=("galera.members: 2 nodes are an even number of voters",)
    ),
    "an unknown key": Case(edit=put("galera", sizze=3), refused=True, changed=False, words=("galera.sizze",)),
    "half of a cluster": Case(
        edit=put("galera", cluster_name="other"),
        refused=True,
        turns={"galera": ("mdb1", "mdb2", "mdb3")},
        restarts=True,
        words=("half of a cluster cannot have another one",),
    ),
    "a database host made anew": Case(
        edit=put_host("mdb2", address="172.16.21.190"),
        machines={"mdb2": "replaced"},
        turns={"galera": ("mdb1", "mdb3"), "directors": ("ha2", "ha1")},
        restarts=True,
        words=(
            "address 172.16.21.181 -> 172.16.21.190",
            "its data volume is kept; the new VM refuses it until hypervisor.adopt_retained_volumes",
            "galera: 2 of 3 votes are left meanwhile: it goes on",
            "galera: copies of the data that stay in service meanwhile: mdb1, mdb3",
            "galera-join-mdb2 on mdb2: galera-join --timeout 21000 (the machine is another one)",
        ),
    ),
    "a protected one": Case(
        edit=put_host("mdb2", address="172.16.21.190"),
        first=protect,
        refused=True,
        machines={"mdb2": "replaced"},
        turns={"galera": ("mdb1", "mdb3"), "directors": ("ha2", "ha1")},
        restarts=True,
        words=("mdb2 is protected", "protected: `up` refuses to replace it"),
    ),
    "all of them at once": Case(
        edit=put("hypervisor", domain_type="qemu"),
        machines=dict.fromkeys(("ha1", "ha2", "mdb1", "mdb2", "mdb3"), "replaced"),
        words=("0 of 3 votes are left meanwhile: no quorum", "no copy of the data stays in service"),
    ),
    "another hypervisor": Case(
        edit=put("hypervisor", uri="qemu+ssh://elsewhere/system"),
        machines=dict.fromkeys(("ha1", "ha2", "mdb1", "mdb2", "mdb3"), "replaced"),
        words=("the new volume is empty",),
    ),
    "directors go": Case(
        edit=without_directors,
        machines={"ha1": "removed", "ha2": "removed"},
        turns={"galera": ("mdb2", "mdb3")},
        words=("directors: the component is not in the settings any more", "the VM is deleted"),
    ),
    "memory": Case(
        edit=put_host("mdb2", memory_mib=2048),
        turns={"galera": ("mdb2",)},
        restarts=True,
        words=(
            "mdb2: memory_mib 1024 -> 2048: a VM keeps what it was made with",
            "innodb_buffer_pool_size = 320M",
            "innodb_buffer_pool_size = 1088M",
        ),
    ),
    "protection": Case(
        edit=protect, words=("hypervisor.protect_data_volumes false -> true: taken over for later",), files=frozenset()
    ),
    "a password rotated": Case(
        edit=put("secret_generations", **{"account-password": 2}),
        words=("galera-accounts on mdb1: galera-accounts (what it reads changed (secret))",),
        files=frozenset(),
    ),
    "a secret file": Case(
        stack="read-balancing",
        edit=put("secret_generations", **{"stats-password": 2}),
        words=("on lb1, lb2: changed, secret: not shown", "try-reload-or-restart haproxy: lb1, lb2"),
    ),
    "a secret that may not change": Case(
        edit=put("secret_generations", **{"sst-password": 2}),
        refused=True,
        changed=False,
        words=("cannot be rotated on a living stack yet",),
    ),
    "admin networks": Case(
        edit=put("ssh", admin_cidrs=["10.0.0.0/8"]),
        words=("reload-or-try-restart nftables: ha1, ha2, mdb1, mdb2, mdb3",),
        files=frozenset({"/etc/nftables.conf"}),
    ),
    "another VIP": Case(
        edit=put("directors", vip="172.16.21.187"),
        turns={"directors": ("ha2", "ha1")},
        words=("clients (writer) find it at 172.16.21.187:3306, no longer at 172.16.21.188:3306",),
    ),
    "another router": Case(
        edit=put("directors", virtual_router_id=52), turns={"directors": ("ha2", "ha1")}, words=("both hold the VIP",)
    ),
    "a master's settings": Case(
        stack="master-master",
        edit=put("master_master", max_connections=321),
        turns={"master_master": ("db2", "db1")},
        restarts=True,
        words=("servers are taken out and restarted one after the other",),
    ),
    "all masters to one": Case(
        stack="master-master",
        first=all_masters,
        edit=one_writer,
        turns={"directors": ("lvs2", "lvs1")},
        restarts=True,
        words=("first send all clients to one server",),
    ),
    "a server elsewhere": Case(
        stack="web",
        edit=put_host("web2", address="172.16.21.69", ssh_host_key=KEY_OF_WEB2),
        machines={"web2": "replaced"},
        words=("the one at 172.16.21.62 is not withdrawn",),
        refused=False,
    ),
    "a page": Case(stack="web", edit=put("web", page="<p>new</p>"), words=("nginx and keepalived are reloaded",)),
    "a replica's lag": Case(
        stack="read-balancing",
        edit=put("replicas", max_lag_s=77),
        words=("try-restart mariadb-ha-agent.service: r1, r2",),
    ),
    "haproxy": Case(
        stack="read-balancing",
        edit=put("timers", connect_timeout=0.4),
        words=("haproxy and keepalived are reloaded",),
    ),
    "DRBD's protocol": Case(
        stack="drbd", edit=put("drbd", protocol="A"), words=("try-reload-or-restart mariadb-ha-drbd.service",)
    ),
    "an arbitrator's timers": Case(
        stack="galera-arbitrator",
        edit=put("timers", suspect_timeout=3.0),
        restarts=True,
        words=("the arbitrator is started anew where it is needed, while all nodes are there",),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_change(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    found = changed(tmp_path, case.edit, stack=case.stack, first=case.first)
    text = "\n".join(text_lines(found))
    for words in case.words:
        assert words in text, text
    assert found.changed is case.changed, text
    assert found.will_be_refused is case.refused, text
    assert {machine.host: machine.change for machine in found.machines} == case.machines
    for component, hosts in case.turns.items():
        assert [turn.hosts for turn in found.turns if turn.component == component] == [hosts], text
    assert any(turn.restarts for turn in found.turns) is case.restarts, text
    if case.files is not None:
        assert {file.path for file in found.files} == case.files


def test_the_wording_of_settings_alone_is_no_change(tmp_path: Path) -> None:
    found = changed(tmp_path, priority("directors", "ha1", 100), first=lambda config: None)
    assert not found.changed
    found = changed(tmp_path / "2", put("galera", routing="all-nodes", max_connections=200))
    assert not found.changed
    assert found.notes == ("the settings are written differently, and mean the same",)
