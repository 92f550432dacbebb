"""The plan of two masters behind directors: order, who is preferred, what each forwarding method lays where."""

from __future__ import annotations

from typing import Any

import pytest

from plan.build import make_plan
from plan.context import Context
from plan.model import HostPlan, Plan
from plan.secrets import Secrets
from settings import load_stack
from tests.conftest import TEST_SECRET
from tests.unit.settings_bad_lvs import BEHIND, BOTH, VS
from tests.unit.settings_config import changed


def plan(changes: dict[str, Any]) -> Plan:
    """Of a variant of S3 on VMs."""
    return make_plan(
        Context(
            stack="masters",
            settings=load_stack(changed(changes), "masters"),
            secrets=Secrets(stack="masters", stack_secret=TEST_SECRET),
        )
    )


def text(host: HostPlan, end: str) -> str:
    """The one file whose path ends so."""
    (found,) = [file.content for file in host.files if file.path.endswith(end)]
    return found


def test_masters_first_then_real_servers_then_directors() -> None:
    steps = [step.id for step in plan(BEHIND).steps]
    assert steps == [
        "master_master-up-mdb3",
        "master_master-up-mdb2",
        "master_master-accounts-mdb2",
        "master_master-accounts-mdb3",
        "master_master-connect-mdb3",
        "master_master-connect-mdb2",
        "directors-serve-mdb2",
        "directors-serve-mdb3",
        "directors-direct-ha2",
        "directors-direct-ha1",
    ]
    waits = {step.id: step.waits_for for step in plan(BEHIND).steps}
    assert "master_master-connect-mdb2" in waits["directors-serve-mdb2"]


def test_both_boot_read_only_and_are_watched() -> None:
    for name in ("mdb2", "mdb3"):
        host = plan(BEHIND).hosts[name]
        assert "read_only = ON" in text(host, "71-mariadb-ha-replication.cnf")
        assert "mariadb-ha-master-watch.service" in host.units
        assert "mariadb-ha-promoter.service" not in host.units


def test_promises_are_the_timers() -> None:
    assert plan(BEHIND).promises == {
        "director-stop": 0.48,
        "director-kill": 1.08,
        "realserver-stop": 1.8,
        "realserver-kill": 3.5,
    }
    slow = {**BEHIND, "timers": {"peer_timeout": 5.0, "hang_timeout": 9.0}}
    assert plan(slow).promises["realserver-kill"] == 3.5, "semi-sync gives up before master-watch"


@pytest.mark.parametrize(
    ("service", "preferred", "weights"),
    [({}, "mdb2", ("2", "1")), ({"weights": {"mdb2": 3, "mdb3": 7}}, "mdb3", ("3", "7"))],
)
def test_the_heaviest_is_the_preferred_one(service: dict[str, Any], preferred: str, weights: tuple[str, str]) -> None:
    made = plan({**BEHIND, VS: service})
    first = [name for name in ("mdb2", "mdb3") if 'FIRST="yes"' in text(made.hosts[name], "master.env")]
    assert first == [preferred]
    lvs = text(made.hosts["ha1"], "60-lvs-directors.conf")
    assert "lb_algo fo" in lvs
    for name, weight in zip(("172.16.21.181", "172.16.21.182"), weights, strict=True):
        assert f"weight {weight}" in lvs.partition(f"real_server {name}")[2].partition("FILE_CHECK")[0]


def test_one_domain_for_one_writer_and_two_for_two() -> None:
    def domains(changes: dict[str, Any]) -> list[str]:
        hosts = plan(changes).hosts
        lines = [text(hosts[name], "71-mariadb-ha-replication.cnf").splitlines() for name in ("mdb2", "mdb3")]
        return [line for each in lines for line in each if line.startswith("gtid_domain_id")]

    assert domains(BEHIND) == ["gtid_domain_id = 0"] * 2
    assert domains(BOTH) == ["gtid_domain_id = 0", "gtid_domain_id = 1"]
    assert 'ONE_WRITER="no"' in text(plan(BOTH).hosts["mdb2"], "master.env")


def test_clients_come_by_the_vip_only() -> None:
    made = plan(BEHIND)
    rules = "".join(file.content for file in made.hosts["mdb2"].files if file.path.endswith(".nft"))
    assert "ip daddr 172.16.21.188 tcp dport 3306 accept" in rules
    assert not any(line.strip().startswith("tcp dport 3306 accept") for line in rules.splitlines())


def test_nat_lays_a_route_and_translates_ports() -> None:
    made = plan({**BEHIND, VS: {"lb_kind": "NAT", "port": 3307}, "directors.inner_vip": "172.16.21.187"})
    env = text(made.hosts["mdb2"], "realserver.env")
    assert 'METHOD="NAT"' in env
    assert 'GATEWAY="172.16.21.187"' in env
    director = made.hosts["ha1"]
    lvs = text(director, "60-lvs-directors.conf")
    assert "virtual_server 172.16.21.188 3307" in lvs
    assert "real_server 172.16.21.181 3306" in lvs
    assert "172.16.21.187/24" in text(director, "50-vrrp-directors.conf"), "it moves with the VIP"
    assert "net.ipv4.ip_forward = 1" in text(director, "60-mariadb-ha-directors.conf")
    assert made.endpoints["writer"].port == 3307
    assert made.components["directors"].outputs["vips"] == ["172.16.21.188"]


def test_tun_needs_ipip_and_lets_tunnels_in() -> None:
    made = plan({**BEHIND, VS: {"lb_kind": "TUN"}})
    host = made.hosts["mdb2"]
    assert 'METHOD="TUN"' in text(host, "realserver.env")
    assert text(host, "modules-load.d/mariadb-ha-directors-realserver.conf") == "ipip\n"
    assert "ip protocol 4 accept" in text(host, "input-directors-realserver.nft")
    assert any("ipip" in needs.modules for needs in host.needs)
    assert "ip_forward" not in text(made.hosts["ha1"], "60-mariadb-ha-directors.conf")


def test_flags_reach_keepalived() -> None:
    made = plan({**BOTH, VS: {"lb_algo": "sh", "flags": ["sh-port", "sh-fallback"]}})
    lines = [line.strip() for line in text(made.hosts["ha1"], "60-lvs-directors.conf").splitlines()]
    assert lines[lines.index("lb_algo sh") + 1 : lines.index("lb_algo sh") + 3] == ["sh-port", "sh-fallback"]
    for more, there in (({}, True), ({"flags": []}, False)):
        made = plan({**BOTH, VS: {"lb_algo": "mh", **more}})
        assert ("mh-port" in text(made.hosts["ha1"], "60-lvs-directors.conf")) is there
