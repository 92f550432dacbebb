"""Several systems in one stack: what two of them cannot both have is refused with both keys, and what they can share is
planned as it is alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from settings import check_config, load_stack
from settings.kinds import KINDS
from settings.section import Section
from tests.unit.settings_config import host_key
from tests.unit.systems import PAIRS, SYSTEMS, alone, planned, renamed, together

Place = tuple[str, str]
"""A system, and the kind of one of its sections."""

EACH: list[tuple[Place, Place]] = [
    ((one, own), (two, other)) for one, two in PAIRS for own in SYSTEMS[one].sections for other in SYSTEMS[two].sections
]
#: Kinds of two systems that may stand on one host; any others are refused.
SHARE = {("directors", "replicas"), ("galera", "balancers")}


def named(pair: tuple[Place, Place]) -> str:
    return "+".join(f"{system}.{kind}" for system, kind in pair)


def parsed(config: dict[str, Any], kind: str) -> Section:
    return KINDS[kind].model_validate(config[f"mariadb-ha:{kind}"])


def put(config: dict[str, Any], key: str, value: Any) -> None:
    """Writes a value at a key path."""
    first, *folders, last = key.split(".")
    at = config[f"mariadb-ha:{first}"]
    for name in folders:
        at = at.setdefault(name, {})
    at[last] = value


def refused(config: dict[str, Any], *keys: str) -> None:
    """One message names them all."""
    messages = check_config(config, "several")
    assert any(all(key in message for key in keys) for message in messages), (keys, messages)


def on_one_host(pair: tuple[Place, Place]) -> tuple[dict[str, Any], str]:
    """Both systems, the first host of the one's section in the place of the first host of the other's. Their ports are
    apart.
    """
    (one, own), (two, other) = pair
    config = together(one, two)
    host, gone = f"{one}-{SYSTEMS[one].first(own)}", f"{two}-{SYSTEMS[two].first(other)}"
    for kind in SYSTEMS[two].sections:
        section = config[f"mariadb-ha:{kind}"] = renamed(config[f"mariadb-ha:{kind}"], {gone: host})
        fields = KINDS[kind].model_fields
        ports = {key: fields[key].default + 1000 for key in fields if key == "port" or key.endswith("_port")}
        section |= ports if "vip" in section else {key: port for key, port in ports.items() if key != "promoter_port"}
        if kind == "directors":
            section["virtual_server"] = {**section.get("virtual_server", {}), "port": 4306}
    del config["mariadb-ha:hosts"][gone]
    return config, host


@pytest.mark.parametrize("pair", EACH, ids=named)
def test_on_one_host_they_are_refused_or_planned(pair: tuple[Place, Place]) -> None:
    """Never a plan that fails: what the settings let through can be planned."""
    (_, own), (_, other) = pair
    config, host = on_one_host(pair)
    # a cluster with a VIP of its own holds that on its nodes
    if (own, other) not in SHARE or (own == "galera" and pair[0][0] != "galera"):
        refused(config, f"{own}.members", f"{other}.members", "of their own")
        return
    plan = planned(config)
    assert plan.hosts[host].roles
    for (system, kind), now in zip(pair, (host, host), strict=True):
        was = f"{system}-{SYSTEMS[system].first(kind)}"
        own_steps = {(step.id.replace(was, now), step.command) for step in alone(system).steps}
        assert own_steps <= {(step.id, step.command) for step in plan.steps}


def vips() -> Iterator[tuple[tuple[Place, Place], str, str]]:
    for pair in EACH:
        (one, own), (two, other) = pair
        config = together(one, two)
        for first in parsed(config, own).vips(own):
            for second in parsed(config, other).vips(other):
                yield pair, first, second


@pytest.mark.parametrize(("pair", "first", "second"), list(vips()))
def test_a_vip_and_its_number_are_of_one(pair: tuple[Place, Place], first: str, second: str) -> None:
    (one, own), (two, other) = pair
    config = together(one, two)
    put(config, second, str(parsed(config, own).vips(own)[first]))
    refused(config, first, second)
    number = together(one, two)
    put(number, f"{other}.virtual_router_id", number[f"mariadb-ha:{own}"]["virtual_router_id"])
    refused(number, f"{own}.virtual_router_id", f"{other}.virtual_router_id")


@pytest.mark.parametrize("names", PAIRS, ids="+".join)
def test_no_vip_is_a_host_of_the_other(names: tuple[str, str]) -> None:
    one, two = names
    config = together(*names)
    host, entry = next(
        (host, entry) for host, entry in config["mariadb-ha:hosts"].items() if host.startswith(f"{one}-")
    )
    for kind in SYSTEMS[two].sections:
        for key in parsed(config, kind).vips(kind):
            clash = together(*names)
            put(clash, key, entry["address"])
            refused(clash, key, f"hosts.{host}.address")


def arbitrated(other: str, kind: str) -> tuple[dict[str, Any], str]:
    """The arbitrator's vote on the first host of a section of the other system."""
    config = together("arbitrator", other)
    host = f"{other}-{SYSTEMS[other].first(kind)}"
    config["mariadb-ha:galera"]["arbitrator"] = host
    del config["mariadb-ha:hosts"]["arbitrator-arb1"]
    return config, host


CARRIERS = [place[1] for place in EACH if place[0] == ("arbitrator", "galera")]


@pytest.mark.parametrize("carrier", CARRIERS, ids="+".join)
def test_any_host_may_carry_the_vote_of_a_cluster(carrier: Place) -> None:
    system, _ = carrier
    config, host = arbitrated(*carrier)
    plan = planned(config)
    assert "arbitrator" in plan.hosts[host].roles
    said = {(step.id, step.command) for step in plan.steps}
    vote = {(step.id.replace("arbitrator-arb1", host), step.command) for step in alone("arbitrator").steps}
    assert said == vote | {(step.id, step.command) for step in alone(system).steps}
    paths = {file.path for file in plan.hosts[host].files}
    assert paths >= {file.path for file in alone(system).hosts[host].files}


def ports_on_one_host() -> Iterator[tuple[str, dict[str, Any], str, str]]:
    """Every port of one component on a host that it shares, given the number of every port of the other one."""
    shared = [
        (named(pair), pair[0][1], pair[1][1], *on_one_host(pair))
        for pair in EACH
        if (pair[0][1], pair[1][1]) in SHARE and pair[0][0] == "galera"
    ]
    shared += [(f"vote+{kind}", "galera", kind, *arbitrated(system, kind)) for system, kind in CARRIERS]
    for title, own, other, config, host in shared:
        for port in parsed(config, own).ports(own).get(host, ()):
            for moved in parsed(config, other).ports(other).get(host, ()):
                clash = {**config, f"mariadb-ha:{other}": renamed(config[f"mariadb-ha:{other}"], {})}
                put(clash, str(moved.key), port.number)
                yield f"{title}: {moved.key} {port.number}", clash, str(moved.key), port.key or port.what


@pytest.mark.parametrize(("clash", "key", "other"), [pytest.param(*one[1:], id=one[0]) for one in ports_on_one_host()])
def test_no_port_of_a_shared_host_is_twice(clash: dict[str, Any], key: str, other: str) -> None:
    refused(clash, key, other)


@pytest.mark.parametrize("system", ["replicas", "balancers"])
def test_no_server_id_is_twice_where_one_follows_the_other(system: str) -> None:
    config = together(system)
    put(config, f"replicas.members.{system}-r1.server_id", 2)
    refused(config, f"replicas.members.{system}-r1.server_id", f"master_master.members.{system}-db2.server_id")


def test_a_disk_is_of_one() -> None:
    """Bare metal names its own; a VM has one, whether MariaDB is on the device or files."""
    config, host = on_one_host((("galera", "galera"), ("files", "drbd")))
    refused(config, "galera.members[0]", f"drbd.members.{host}", "data volume")
    config["mariadb-ha:hosts"][host] |= {"provisioner": "bare-metal", "ssh_host_key": host_key(1)}
    config["mariadb-ha:drbd"]["members"][host] = {"disk": "/dev/sdb"}
    messages = check_config(config, "several")
    assert not any("data volume" in message for message in messages), messages
    refused(config, "galera.members[0]", f"drbd.members.{host}", "health agent")


def test_a_server_beside_a_replicated_file_system_keeps_the_accounts() -> None:
    """A pair with a VIP of its own is nobody's to forward to, and databases are made in it all the same."""
    assert load_stack(together("pair", "files")).databases


@pytest.mark.parametrize("key", ["{kind}2", "{kind}_b", "{kind}-orders"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_second_section_of_a_kind_is_told_where_it_belongs(kind: str, key: str) -> None:
    name = key.format(kind=kind)
    system = next(name for name, one in SYSTEMS.items() if kind in one.sections)
    config = together(system)
    messages = check_config({**config, f"mariadb-ha:{name}": config[f"mariadb-ha:{kind}"]})
    assert [message for message in messages if message.startswith(f"{name}: would be a second section")], messages
    assert "stack of its own" in messages[0] and "examples/own_program" in messages[0]
    assert "did you mean" not in messages[0].lower()


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_of_one_kind_is_told_the_same(kind: str) -> None:
    system = next(name for name, one in SYSTEMS.items() if kind in one.sections)
    config = together(system)
    messages = check_config({**config, f"mariadb-ha:{kind}": [config[f"mariadb-ha:{kind}"]] * 2})
    assert any(message.startswith(f"{kind}: is a list, and {kind} is one section") for message in messages), messages


def test_a_misspelt_section_is_no_second_one() -> None:
    for key, value in (("webs", {}), ("web_port", 80), ("web.port", 80)):
        (message,) = check_config({**together("web"), f"mariadb-ha:{key}": value})
        assert message.startswith(f"{key}: ") and "second section" not in message, message


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7"
AGENTS: dict[str, Any] = {
    "ipmi": lambda host, peer: {
        host: {"address": "10.0.9.1", "user": "fence", "password": "geheim"},
        peer: {"address": f"10.0.9.{len(peer)}", "user": "fence", "password": "geheim"},
    },
    "libvirt": lambda host, peer: {"host": "10.0.0.2", "host_key": KEY, "domains": {host: "guest1", peer: peer}},
}


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("other", ["drbd", "files"])
def test_no_power_switch_is_of_two_systems(agent: str, other: str) -> None:
    """A pair that fences would power off a host of the other pair."""
    config = together("pair", other)
    for section, hosts in (("master_master", ("pair-db1", "pair-db2")), ("drbd", (f"{other}-nod1", f"{other}-nod2"))):
        put(config, f"{section}.fencing", {"agent": agent, agent: AGENTS[agent](*hosts)})
    refused(config, f"master_master.fencing.{agent}", f"drbd.fencing.{agent}", "pair-db1", f"{other}-nod1")
    messages = check_config(config, "several")
    assert "geheim" not in str(messages)
    assert not any("db2" in message for message in messages), messages
