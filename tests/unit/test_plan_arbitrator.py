"""Two Galera nodes, an arbitrator and a VIP of their own: what lies where, in which order, and what is promised."""

from __future__ import annotations

from typing import Any

import pytest

from plan import make_plan
from plan.context import Context
from plan.secrets import Secrets
from settings import load_stack
from tests.conftest import TEST_SECRET, dev_config, make_arbitrated, make_context

NODES = ("172.16.21.76", "172.16.21.77")


def text(context: Context, host: str, path: str) -> str:
    """Content of one file of a host's plan."""
    return next(file.content for file in make_plan(context).hosts[host].files if file.path == path)


def paths(context: Context, host: str) -> set[str]:
    return {file.path for file in make_plan(context).hosts[host].files}


def with_directors(**changes: Any) -> Context:
    """S1's directors before two nodes, one of the directors the arbitrator."""
    config = dev_config()
    del config["mariadb-ha:hosts"]["mdb3"]
    config["mariadb-ha:galera"] = {"members": ["mdb1", "mdb2"], "arbitrator": "ha2", **changes}
    config["mariadb-ha:directors"]["virtual_server"] = {}
    return Context(stack="dev", settings=load_stack(config), secrets=Secrets(stack="dev", stack_secret=TEST_SECRET))


def test_the_arbitrator_agrees_with_the_nodes_and_names_nobody_by_name() -> None:
    context = make_arbitrated()
    garbd = text(context, "arb1", "/etc/mariadb-ha/garbd.cnf")
    options = next(line for line in garbd.splitlines() if line.startswith("options = ")).removeprefix("options = ")
    wsrep = text(context, "mdb1", "/etc/mysql/mariadb.conf.d/71-mariadb-ha-wsrep.cnf")
    assert all(option in wsrep for option in options.split("; "))
    assert "evs.suspect_timeout=PT2S" in options
    assert "gcache" not in options
    assert f"gcomm://{','.join(NODES)}" in garbd
    assert "group = mariadb-ha" in garbd


def test_it_comes_back_whatever_is_up() -> None:
    unit = text(make_arbitrated(), "arb1", "/etc/systemd/system/mariadb-ha-arbitrator.service")
    assert "Restart=always" in unit
    assert "StartLimitIntervalSec=0" in unit
    assert "mariadb-ha-arbitrator.service" in make_plan(make_arbitrated()).hosts["arb1"].units


def test_it_has_no_server_and_no_data() -> None:
    plan = make_plan(make_arbitrated()).hosts["arb1"]
    assert plan.packages.count("galera-arbitrator-4") == 1
    assert not {"mariadb-server", "keepalived"} & set(plan.packages)
    assert plan.volumes == ()
    assert not any(path.startswith("/etc/mysql") for path in paths(make_arbitrated(), "arb1"))


def test_the_firewall_lets_members_talk_and_the_arbitrator_get_no_data() -> None:
    context = make_arbitrated()
    node, arbitrator = (
        text(context, host, f"/etc/nftables.d/input-galera{more}.nft")
        for host, more in (("mdb1", ""), ("arb1", "-arbitrator"))
    )
    own = next(line for line in node.splitlines() if "172.16.21.78 tcp" in line)
    assert "4567" in own
    assert "9200" in own
    assert "4568" not in own
    assert "4444" not in own
    assert "172.16.21.76, 172.16.21.77" in arbitrator
    assert "4567" in arbitrator


def test_members_are_counted_apart() -> None:
    env = text(make_arbitrated(), "mdb1", "/etc/mariadb-ha/galera.env")
    assert 'NODES="mdb1=172.16.21.76 mdb2=172.16.21.77"' in env
    assert 'ARBITRATOR="arb1=172.16.21.78"' in env
    component = make_plan(make_arbitrated()).components["galera"]
    assert component.outputs["size"] == 2
    assert component.outputs["nodes"] == ["mdb1", "mdb2"]
    assert component.outputs["arbitrator"] == "arb1"


def test_a_cluster_without_one_has_the_files_that_it_had() -> None:
    assert "ARBITRATOR" not in text(make_context(), "mdb1", "/etc/mariadb-ha/galera.env")


def test_nodes_then_the_arbitrator_then_the_vip() -> None:
    steps = [step.name for step in make_plan(make_arbitrated()).components["galera"].steps]
    assert steps == [
        "roll-mdb2",
        "roll-mdb1",
        "wake-mdb2",
        "bootstrap",
        "accounts",
        "join-mdb2",
        "arbitrate-arb1",
        "settle",
        "vip-mdb1",
        "vip-mdb2",
    ]


def test_the_vip_is_on_the_nodes_and_follows_their_agents_word() -> None:
    context = make_arbitrated()
    for host, priority in (("mdb1", 150), ("mdb2", 100)):
        vrrp = text(context, host, "/etc/keepalived/conf.d/50-vrrp-galera.conf")
        assert f"priority {priority}" in vrrp
        assert "nopreempt" in vrrp
        assert "galera_eligible" in vrrp
        assert "172.16.21.75/24" in vrrp
    assert "/etc/keepalived/keepalived.conf" not in paths(context, "arb1")
    endpoints = make_plan(context).endpoints
    assert endpoints["writer"].host == "172.16.21.75"


@pytest.mark.parametrize(
    ("timers", "gaps"),
    [
        ({}, {"node-stop": 1.18, "node-kill": 2.8, "arbitrator-kill": 2.8}),
        ({"suspect_timeout": 5.0}, {"node-stop": 1.18, "node-kill": 5.8, "arbitrator-kill": 5.8}),
    ],
)
def test_gaps_follow_from_the_timers(timers: dict[str, float], gaps: dict[str, float]) -> None:
    assert make_plan(make_arbitrated({"timers": timers})).promises == gaps


def test_what_is_left_alone_promises_nothing() -> None:
    lost = {
        "hosts": {
            "mdb2": {"address": "172.16.21.77", "provisioner": "bare-metal", "lost": True},
        },
        "bare_metal": {"trust_on_first_use": True},
    }
    plan = make_plan(make_arbitrated(lost))
    assert plan.promises == {}
    assert "172.16.21.77" not in text(make_arbitrated(lost), "arb1", "/etc/mariadb-ha/garbd.cnf")


def test_a_director_may_carry_it() -> None:
    context = with_directors()
    assert make_plan(context).hosts["ha2"].roles == ("arbitrator", "director")
    assert "/etc/keepalived/conf.d/40-track-galera.conf" not in paths(context, "mdb1")
    assert make_plan(context).endpoints["writer"].host == "172.16.21.188"
    assert "node-kill" not in make_plan(context).promises


def test_an_arbitrator_that_is_lost_is_in_no_file() -> None:
    lost = {
        "hosts": {"arb1": {"address": "172.16.21.78", "provisioner": "bare-metal", "lost": True}},
        "bare_metal": {"trust_on_first_use": True},
    }
    context = make_arbitrated(lost)
    assert "ARBITRATOR" not in text(context, "mdb1", "/etc/mariadb-ha/galera.env")
    assert "arbitrator" not in make_plan(context).components["galera"].outputs
