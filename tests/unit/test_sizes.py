"""Sizes of MariaDB that nobody gave: from the host's memory and volume, the same at every preview."""

from __future__ import annotations

from typing import Any

import pytest

from plan import make_plan
from plan.context import Context
from plan.model import HostPlan
from plan.parts.server import SERVER_CNF
from plan.roles.galera import WSREP_CNF
from plan.secrets import Secrets
from settings import load_stack
from tests.conftest import TEST_SECRET
from tests.unit.settings_bad_balancing import BALANCING
from tests.unit.settings_bad_pair import PAIR
from tests.unit.settings_config import GONE, changed, metal
from tests.unit.test_server_options import of_stack


def plan_of(changes: dict[str, Any]) -> dict[str, HostPlan]:
    """Hosts of GOOD with changes by key path."""
    settings = load_stack(changed(changes))
    secrets = Secrets(stack="sizes", stack_secret=TEST_SECRET)
    return dict(make_plan(Context(stack="sizes", settings=settings, secrets=secrets)).hosts)


def sizes(host: HostPlan) -> dict[str, str]:
    """Pool, redo log and gcache as the server reads them."""
    texts = {file.path: file.content for file in host.files}
    lines = dict(line.split(" = ") for line in texts[SERVER_CNF].splitlines() if " = " in line)
    found = {"pool": lines["innodb_buffer_pool_size"], "redo": lines.get("innodb_log_file_size", "96M")}
    if WSREP_CNF in texts:
        found["gcache"] = texts[WSREP_CNF].split("gcache.size=")[1].split(";")[0]
    return found


@pytest.mark.parametrize(
    ("host", "pool"),
    [
        ({"memory_mib": 712}, "128M"),
        ({"memory_mib": 1024}, "320M"),
        ({"memory_mib": 4096}, "2624M"),
        ({"memory_mib": 65536}, "48704M"),
    ],
)
def test_the_pool_follows_the_hosts_memory(host: dict[str, int], pool: str) -> None:
    made = plan_of({f"hosts.mdb2.{key}": value for key, value in host.items()})
    assert sizes(made["mdb2"])["pool"] == pool
    assert sizes(made["mdb3"])["pool"] == "320M", "each has what fits it"


def test_connections_take_from_the_pool() -> None:
    made = plan_of({"hosts.mdb2.memory_mib": 8192, "galera.max_connections": 400})
    assert sizes(made["mdb2"])["pool"] == "5504M"


def test_the_pool_is_half_where_the_host_is_shared() -> None:
    """Here with the arbitrator of a cluster."""
    made = plan_of(
        {
            **PAIR,
            **{f"hosts.{host}.memory_mib": 4096 for host in ("mdb1", "mdb2")},
            "hosts.db1": {"address": "172.16.21.51", "memory_mib": 4096},
            "hosts.db2": {"address": "172.16.21.52", "memory_mib": 4096},
            "galera.members": ["mdb1", "mdb2"],
            "galera.arbitrator": "db1",
            "hosts.mdb3": GONE,
        }
    )
    assert {host: sizes(made[host])["pool"] for host in ("mdb1", "mdb2", "db1", "db2")} == {
        "mdb1": "2624M",
        "mdb2": "2624M",
        "db1": "1280M",
        "db2": "2624M",
    }


def test_the_redo_log_is_one_for_all_servers() -> None:
    """The servers of a DRBD pair start on each other's log."""
    made = plan_of({"hosts.mdb1.memory_mib": 16384, "hosts.mdb2.memory_mib": 8192, "hosts.mdb3.memory_mib": 65536})
    assert {sizes(made[host])["redo"] for host in ("mdb1", "mdb2", "mdb3")} == {"640M"}, "the volumes have 10 GiB each"
    volumes = {f"hosts.{host}.data_disk_gib": 500 for host in ("mdb1", "mdb2", "mdb3")}
    made = plan_of({**volumes, **{f"hosts.{host}.memory_mib": 8192 for host in ("mdb1", "mdb2", "mdb3")}})
    assert sizes(made["mdb1"])["redo"] == "1424M", "a quarter of the pool"


@pytest.mark.parametrize(("gib", "gcache"), [(2, "128M"), (10, "320M"), (100, "3200M"), (2000, "8192M")])
def test_gcache_follows_the_volume(gib: int, gcache: str) -> None:
    assert sizes(plan_of({"hosts.mdb2.data_disk_gib": gib})["mdb2"])["gcache"] == gcache


def test_nothing_changes_where_the_sizes_are_those_of_before() -> None:
    """A file that differs in a line is read by a restarted server."""
    text = next(file.content for file in plan_of(metal("mdb2"))["mdb2"].files if file.path == SERVER_CNF)
    assert [line for line in text.splitlines() if line.startswith("innodb_")] == [
        "innodb_flush_log_at_trx_commit = 1",
        "innodb_buffer_pool_size = 128M",
    ], "MariaDB's own redo log has 96 MiB"


def test_what_is_given_holds() -> None:
    given = {"innodb_buffer_pool_size_mib": 200, "innodb_log_file_size_mib": 50, "gcache_size_mib": 64}
    made = plan_of({f"galera.{key}": value for key, value in given.items()})
    assert sizes(made["mdb2"]) == {"pool": "200M", "redo": "50M", "gcache": "64M"}


def test_bare_metal_has_the_least_unless_its_sizes_are_said() -> None:
    made = plan_of(metal("mdb2"))
    assert sizes(made["mdb2"]) == {"pool": "128M", "redo": "96M", "gcache": "128M"}
    made = plan_of({**metal("mdb2"), "hosts.mdb2.memory_mib": 4096, "hosts.mdb2.data_disk_gib": 100})
    assert (sizes(made["mdb2"])["pool"], sizes(made["mdb2"])["gcache"]) == ("2624M", "3200M")
    assert made["mdb2"].needs[0].memory_mib == 384 + 2624 + 200, "more than the machine has is refused there"


@pytest.mark.parametrize(("stack", "host"), [("drbd", "nod1"), ("galera-arbitrator", "mdb1")])
def test_every_kind_with_a_server_has_them(stack: str, host: str) -> None:
    assert sizes(make_plan(of_stack(stack)).hosts[host])["pool"] in ("320M", "128M")


def test_replicas_and_masters_have_them() -> None:
    made = plan_of({**BALANCING, "hosts.r1.memory_mib": 4096, "hosts.db1.memory_mib": 4096})
    assert [sizes(made[host])["pool"] for host in ("r1", "r2", "db1", "db2")] == ["2624M", "320M", "2624M", "320M"]
