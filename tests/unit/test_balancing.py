"""The plan of read balancing: who may come to whom, in which order, and what haproxy is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plan import make_plan
from plan.context import Context
from plan.model import Plan
from plan.secrets import Secrets
from settings import check_config, load_stack
from tests.conftest import TEST_SECRET
from tests.unit.settings_bad_balancing import BALANCING
from tests.unit.settings_config import changed

CNF = "/etc/mysql/mariadb.conf.d/71-mariadb-ha-replication.cnf"
HAPROXY = "/etc/haproxy/haproxy.cfg"


def plan(**changes: Any) -> Plan:
    """S8's plan. Changes by key path with __ for dots."""
    named = {key.replace("__", "."): value for key, value in changes.items()}
    settings = load_stack(changed(BALANCING | named))
    return make_plan(Context(stack="rb", settings=settings, secrets=Secrets(stack="rb", stack_secret=TEST_SECRET)))


def text(made: Plan, host: str, path: str) -> str:
    """Content of one file of a host's plan."""
    return next(file.content for file in made.hosts[host].files if file.path == path)


def section(config: str, name: str) -> list[str]:
    """Lines of one section of haproxy.cfg."""
    lines = config.split(f"\n{name}\n")[1].split("\n\n")[0].splitlines()
    return [line.strip() for line in lines]


def test_replicas_follow_the_pair_before_balancers_come() -> None:
    made = plan()
    order = [step.id for step in made.steps if not step.component.startswith(("galera", "directors"))]
    assert order[-6:] == [
        "replicas-up-r1", "replicas-follow-r1", "replicas-up-r2", "replicas-follow-r2",
        "balancers-balance-lb2", "balancers-balance-lb1",
    ]  # fmt: skip
    steps = {step.id: step for step in made.steps}
    assert steps["replicas-up-r1"].waits_for == made.components["master_master"].ready
    assert set(steps["balancers-balance-lb2"].waits_for) == {
        *made.components["master_master"].ready, "replicas-follow-r2",
    }  # fmt: skip


def test_the_pair_admits_those_that_follow_it() -> None:
    made = plan()
    accounts = next(step for step in made.steps if step.id == "master_master-accounts-db1")
    given = json.loads(accounts.stdin or "")["replication"]
    assert given["hosts"] == ["172.16.21.51", "172.16.21.52", "172.16.21.53", "172.16.21.54"]
    follow = next(step for step in made.steps if step.id == "replicas-follow-r2")
    login = json.loads(follow.stdin or "")
    assert (login["user"], login["password"]) == (given["user"], given["password"])
    opening = text(made, "db2", "/etc/nftables.d/input-replicas-followers.nft")
    assert "ip saddr { 172.16.21.53, 172.16.21.54 } tcp dport { 3306, 9203 } accept" in opening


def test_clients_come_by_the_balancers_only() -> None:
    made = plan()
    for host in ("db1", "db2", "r1", "r2"):
        opening = text(made, host, "/etc/nftables.d/input-balancers-balancers.nft")
        assert "ip saddr { 172.16.21.56, 172.16.21.57 } tcp dport { 3306, 9200 } accept" in opening
        assert not any(file.path.endswith("-clients.nft") for file in made.hosts[host].files)
    assert "ip daddr 172.16.21.55 tcp dport { 3306, 3307 } accept" in text(
        made, "lb1", "/etc/nftables.d/input-balancers-balancer.nft"
    )
    assert made.endpoints["writer"].host == made.endpoints["reader"].host == "172.16.21.55"
    assert (made.endpoints["writer"].port, made.endpoints["reader"].port) == (3306, 3307)


def test_a_replica_never_confirms_a_write() -> None:
    """What a replica alone has confirmed would be lost with the writer."""
    made = plan()
    assert "rpl_semi_sync_slave_enabled = OFF" in text(made, "r1", CNF)
    assert "rpl_semi_sync_slave_enabled = ON" in text(made, "db1", CNF)
    for host, number in (("db1", 1), ("db2", 2), ("r1", 101), ("r2", 102)):
        assert f"server_id = {number}\n" in text(made, host, CNF)
        assert "gtid_strict_mode = ON" in text(made, host, CNF)
        assert "read_only = ON" in text(made, host, CNF)


@pytest.mark.parametrize(
    ("instead", "backup", "lagging"), [("master", True, False), ("refuse", False, False), ("replicas", False, True)]
)
def test_where_reads_go_while_all_lag(instead: str, backup: bool, lagging: bool) -> None:
    config = text(plan(balancers__reads_when_all_lag=instead), "lb1", HAPROXY)
    servers = [line for line in section(config, "backend replicas") if line.startswith("server")]
    assert [line.split()[1] for line in servers] == ["r1", "r2", *(["writer"] if backup else [])]
    assert any(line.endswith(" backup") for line in servers) is backup
    assert ("backend lagging" in config) is lagging
    held = [line for line in section(config, "backend held") if line.startswith("server")]
    assert [(line.split()[1], line.endswith(" backup")) for line in held] == [
        (line.split()[1], line.endswith(" backup")) for line in servers
    ]
    assert not any(" check " in line for line in held), "silence takes nobody out there"
    ways = [line.split()[1] for line in section(config, "frontend reads") if line.startswith("use_backend")]
    assert ways == ["lagging", "held"][not lagging :]


def test_writes_follow_the_vip_without_a_check() -> None:
    config = text(plan(), "lb1", HAPROXY)
    (server,) = (line for line in section(config, "backend writer") if line.startswith("server"))
    assert server == "server writer 172.16.21.50:3306 maxconn 180"
    small = text(plan(master_master__max_connections=10), "lb1", HAPROXY)
    assert "server writer 172.16.21.50:3306 maxconn 5\n" in small


def test_checks_take_the_profile_s_times() -> None:
    config = text(plan(timers={"delay_loop": 2.0, "delay_before_retry": 0.25}), "lb1", HAPROXY)
    assert "default-server inter 2000ms fastinter 250ms downinter 250ms fall 2 rise 1" in config


def test_passwords_are_in_secret_files_only() -> None:
    made = plan()
    secret = {file.path for file in made.hosts["lb1"].files if file.secret}
    assert secret == {"/etc/haproxy/mariadb-ha-users.cfg"}
    password = text(made, "lb1", "/etc/haproxy/mariadb-ha-users.cfg").split()[-1]
    assert len(password) == 32
    assert not any(password in file.content for file in made.hosts["lb1"].files if not file.secret)
    clone = text(made, "db1", "/etc/mariadb-ha/clone.secret").strip()
    assert not any(clone in file.content for file in made.hosts["db1"].files if not file.secret)
    assert not any(clone in file.content for file in made.hosts["r1"].files), "it comes with the step"


def test_e_mail_when_a_master_is_gone() -> None:
    config = text(
        plan(balancers__notification={"notification_email": ["dba@example.org"], "smtp_server": "172.16.21.9 2525"}),
        "lb1",
        HAPROXY,
    )
    assert "mailer relay 172.16.21.9:2525" in config
    masters = section(config, "backend masters")
    assert "email-alert to dba@example.org" in masters
    assert [line.split()[1] for line in masters if line.startswith("server")] == ["db1", "db2"]
    assert "email-alert" not in text(plan(), "lb1", HAPROXY)


def test_promises_follow_from_the_timers() -> None:
    made = plan()
    assert made.components["master_master"].promises["writer-kill"] == 1.8
    assert made.components["balancers"].promises["writer-kill"] == 2.8
    assert made.components["balancers"].promises["balancer-kill"] == 1.08
    assert made.components["balancers"].promises["balancer-stop"] == 0.48
    assert made.read_promises["replica-stop"] == 1.5
    assert made.read_promises["replica-kill"] == 3.5


def test_lost_hosts_are_nowhere() -> None:
    made = plan(hosts__r2={"address": "172.16.21.54", "provisioner": "bare-metal", "lost": True},
                bare_metal={"trust_on_first_use": True})  # fmt: skip
    assert "172.16.21.54" not in text(made, "lb1", HAPROXY)
    assert "replicas-up-r2" not in {step.id for step in made.steps}


def test_with_all_replicas_lost_nobody_is_read_from() -> None:
    gone = {"provisioner": "bare-metal", "lost": True}
    config = changed(
        {
            **BALANCING,
            "hosts.r1": {"address": "172.16.21.53", **gone},
            "hosts.r2": {"address": "172.16.21.54", **gone},
            "bare_metal": {"trust_on_first_use": True},
        }
    )
    (message,) = check_config(config)
    assert message.startswith("hosts.r2.lost: r1 and r2 are lost, and there is no other replica.")
    assert check_config(config, to_destroy=True) == []
