"""The plan of the dev stack: who owns which file, what is derived, what differs when a setting differs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from plan import make_plan
from plan.context import Context
from plan.model import File
from plan.programs import PROGRAMS
from plan.render import LIB
from plan.role import Role, merge
from plan.roles.galera import provider_options
from plan.secrets import Secrets
from settings.kinds.galera.model import Galera
from settings.mac import derived_mac
from tests.conftest import TEST_SECRET, make_context, make_pair
from tests.golden.stacks import STACKS


def text(context: Context, host: str, path: str) -> str:
    """Content of one file of a host's plan."""
    return next(file.content for file in make_plan(context).hosts[host].files if file.path == path)


WSREP = "/etc/mysql/mariadb.conf.d/71-mariadb-ha-wsrep.cnf"
MEMBERS = "/etc/mysql/mariadb.conf.d/73-mariadb-ha-members.cnf"
VRRP = "/etc/keepalived/conf.d/50-vrrp-directors.conf"
LVS = "/etc/keepalived/conf.d/60-lvs-directors.conf"


def test_no_file_has_two_owners() -> None:
    first = Role(name="a", files=(File(path="/etc/x", content="1"),))
    second = Role(name="b", files=(File(path="/etc/x", content="2"),))
    with pytest.raises(ValueError, match="/etc/x has two owners"):
        merge("h", (first, second))


def test_plan_is_the_same_each_time(context: Context) -> None:
    assert make_plan(context) == make_plan(make_context())


def test_plans_differ_exactly_where_deployments_would() -> None:
    before, after = make_plan(make_context()), make_plan(make_context({"galera": {"max_connections": 321}}))
    changed = {
        (host, old.path)
        for host in before.hosts
        for old, new in zip(before.hosts[host].files, after.hosts[host].files, strict=True)
        if old != new
    }
    assert changed == {(node, "/etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf") for node in ("mdb1", "mdb2", "mdb3")}
    assert before.steps == after.steps


def test_every_node_knows_all_nodes(context: Context) -> None:
    for node in ("mdb1", "mdb2", "mdb3"):
        assert "gcomm://172.16.21.180,172.16.21.181,172.16.21.182" in text(context, node, MEMBERS)


def test_reference_node_is_the_preferred_donor_with_fallback(context: Context) -> None:
    assert 'wsrep_sst_donor = "mdb1,"' in text(context, "mdb2", MEMBERS)
    assert "wsrep_sst_donor" not in text(context, "mdb1", MEMBERS)


def test_what_running_servers_read_names_no_member(context: Context) -> None:
    """A node that comes, goes or is lost, the reference node too, must not restart the others."""
    for path in (WSREP, "/etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf"):
        lines = [line for line in text(context, "mdb2", path).splitlines() if not line.startswith("#")]
        assert not [
            line
            for line in lines
            if "172.16.21.180" in line or "172.16.21.182" in line or "mdb1" in line or "mdb3" in line
        ], path


def test_what_goes_with_a_step_and_what_goes_at_once(context: Context) -> None:
    """Whatever a running service reads only when it is restarted or reloaded in turn belongs to a step."""
    node, director = make_plan(context).hosts["mdb2"], make_plan(context).hosts["ha1"]
    assert set(node.manifest("galera")) == {
        "/etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf", WSREP, MEMBERS, "/etc/mariadb-ha/galera.env",
            f"{LIB}/health-agent", f"{LIB}/health_check.py",
        f"{LIB}/health_look.py", f"{LIB}/check_galera.py", f"{LIB}/check_realserver.py", "/etc/mariadb-ha/agent.env",
    }  # fmt: skip
    checks = "/etc/mariadb-ha/director-checks.env"
    assert set(director.manifest("director")) == {"/etc/keepalived/keepalived.conf", VRRP, LVS, checks}
    for host in (node, director):
        sets = [set(host.manifest(name)) for name in ("plain", "secret", "galera", "director")]
        assert sum(map(len, sets)) == len(set().union(*sets)) == len(host.files)


def test_only_vms_have_a_data_volume() -> None:
    entries = make_context().settings.hosts.items()
    hosts = {
        name: {
            "address": str(entry.address),
            "provisioner": "bare-metal",
            "ssh_host_key": key(name),
            "memory_mib": entry.memory_mib,
            "data_disk_gib": entry.data_disk_gib,
        }
        for name, entry in entries
    }
    metal = make_plan(make_context({"hosts": hosts, "hypervisor": {}}))
    vms = make_plan(make_context())
    for host in vms.hosts:
        ours, theirs = ({file.path: file for file in plan.hosts[host].files} for plan in (vms, metal))
        assert set(ours) - set(theirs) == ({"/etc/mariadb-ha/data-disk.env"} if host.startswith("mdb") else set())
        assert all(ours[path] == theirs[path] for path in theirs), "the same files however they come"


def key(name: str) -> str:
    """A public host key."""
    return Secrets(stack="x", stack_secret=TEST_SECRET).ssh_key("ssh-host-key", name).public


def test_one_provider_options_line(context: Context) -> None:
    assert text(context, "mdb1", WSREP).count("wsrep_provider_options") == 1
    galera = context.settings.only(Galera)
    assert galera
    options = provider_options(galera, context.settings.timers.evs, gcache_mib=128)
    assert "evs.suspect_timeout=PT2S" in options
    assert "pc.recovery=true" in options
    assert "gcache.recover=yes" in options


def test_reference_node_is_no_real_server(context: Context) -> None:
    director = text(context, "ha1", VRRP) + text(context, "ha1", LVS)
    assert "172.16.21.180" not in director
    assert director.count("real_server ") == 2
    assert not any("lvsdr" in file.path for file in make_plan(context).hosts["mdb1"].files)


def test_seed_policy_of_the_dev_stack(context: Context) -> None:
    for host, priority in (("ha1", 100), ("ha2", 99)):
        director = text(context, host, VRRP) + text(context, host, LVS)
        assert f"priority {priority}" in director
        assert "lb_algo rr" in director
        assert "persistence_timeout 50" in director
        assert "advert_int 0.3" in director
        assert "state BACKUP" in director


def test_seed_own_values_can_be_had() -> None:
    context = make_context(
        {
            "timers": {"profile": "classic"},
            "directors": {"vrrp_version": 2, "unicast": False, "authentication": {"auth_type": "PASS"}},
        }
    )
    director = text(context, "ha1", VRRP) + text(context, "ha1", LVS)
    assert "advert_int 1\n" in director
    assert "delay_loop 6" in director
    assert "include /etc/keepalived/secret.d/directors.conf" in director
    secret = next(f for f in make_plan(context).hosts["ha1"].files if f.path.endswith("secret.d/directors.conf"))
    assert secret.secret
    assert secret.mode == "0600"
    assert len(secret.content.split("auth_pass ")[1].split()[0]) == 8


def test_single_writer_ranks_the_nodes() -> None:
    config = {
        "galera": {"routing": "single-writer"},
        "directors": {"virtual_server": {"lb_algo": None, "persistence_timeout": 0}},
    }
    director = text(make_context(config), "ha1", LVS)
    assert "lb_algo fo" in director
    assert director.index("weight 2") < director.index("weight 1")
    assert "gcs.fc_single_primary=yes" in text(make_context(config), "mdb1", WSREP)


def test_second_vip_is_on_directors_and_real_servers() -> None:
    context = make_context({"directors": {"reader": {"vip": "172.16.21.189"}}})
    assert text(context, "ha1", LVS).count("virtual_server ") == 2
    assert 'VIPS="172.16.21.188 172.16.21.189"' in text(context, "mdb2", "/etc/mariadb-ha/realserver.env")


def test_ip_vs_is_loaded_before_its_sysctls(context: Context) -> None:
    assert text(context, "ha1", "/etc/modules-load.d/mariadb-ha-directors.conf").split() == ["ip_vs", "ip_vs_rr"]


def test_secret_files_are_separate_and_not_world_readable() -> None:
    for host in make_plan(make_context()).hosts.values():
        for file in host.files:
            assert file.secret is file.path.endswith("72-mariadb-ha-sst.cnf")
            assert not file.secret or file.mode in {"0600", "0640"}


def promises(changes: dict[str, Any] | None = None) -> dict[str, float]:
    """What the timers promise."""
    return make_plan(make_context(changes)).promises


def test_promises_follow_the_timers() -> None:
    lan = promises()
    assert lan == {"director-stop": 0.48, "director-kill": 1.08, "realserver-stop": 1.8, "realserver-kill": 3.5}
    assert promises({"timers": {"profile": "classic"}})["realserver-kill"] == 6 + 4 * 3 + 3 * 3
    assert promises({"timers": {"suspect_timeout": 5, "inactive_timeout": 8}})["realserver-kill"] == 5.8


class TestSecrets:
    """One secret, many derived ones."""

    def test_stable_and_distinct(self) -> None:
        one, two = (Secrets(stack="dev", stack_secret=TEST_SECRET) for _ in range(2))
        assert one.password("root-password") == two.password("root-password")
        others = [
            replace(one, stack="prod"),
            replace(one, stack_secret=TEST_SECRET + "x"),
            replace(one, generations={"root-password": 2}),
        ]
        assert (
            len(
                {
                    one.password("root-password"),
                    one.password("sst-password"),
                    *(other.password("root-password") for other in others),
                }
            )
            == 5
        )

    def test_rotating_one_leaves_the_others(self) -> None:
        before = Secrets(stack="dev", stack_secret=TEST_SECRET)
        after = replace(before, generations={"sst-password": 2})
        assert before.password("root-password") == after.password("root-password")

    def test_rotation_reaches_exactly_what_it_names(self) -> None:
        before, after = (
            make_plan(make_context()),
            make_plan(make_context({"secret_generations": {"account-password": 2}})),
        )
        assert before.hosts == after.hosts
        assert [new.name for old, new in zip(before.steps, after.steps, strict=True) if old != new] == ["accounts"]

    def test_ssh_key_is_read_by_other_programs(self) -> None:
        key = Secrets(stack="dev", stack_secret=TEST_SECRET).ssh_key("ssh-host-key", "ha1")
        loaded = serialization.load_ssh_private_key(key.private.encode(), None)
        public = loaded.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        assert public.decode() == key.public

    def test_repr_hides_secrets(self) -> None:
        secrets = Secrets(stack="dev", stack_secret=TEST_SECRET)
        assert TEST_SECRET not in repr(secrets)
        assert secrets.ssh_key("admin-ssh-key").private not in repr(secrets.ssh_key("admin-ssh-key"))

    def test_mac_is_qemus_and_stable(self) -> None:
        assert derived_mac("dev", "ha1") == derived_mac("dev", "ha1") != derived_mac("dev", "ha2")
        assert derived_mac("dev", "ha1").startswith("52:54:00:")


def test_every_program_lies_on_a_host_that_needs_it() -> None:
    plans = [make_plan(make()) for make in (make_pair, *STACKS.values())]
    hosts = [host for plan in plans for host in plan.hosts.values()]
    delivered = {file.path.rsplit("/", 1)[-1] for host in hosts for file in host.files if file.path.startswith(LIB)}
    assert delivered == {
        path.name
        for path in PROGRAMS.rglob("*")
        if path.is_file() and path.suffix != ".md" and "__pycache__" not in path.parts
    }
