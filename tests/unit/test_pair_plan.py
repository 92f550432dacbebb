"""What a pair's plan says of copies, fencing and witnesses."""

from __future__ import annotations

import json
from typing import Any

from plan.build import make_plan
from plan.model import HostPlan, Plan
from tests.conftest import make_pair

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7"

#: Longer than an agent may take.
PATIENT = {"rpl_semi_sync_master_timeout": 70_000}


def plan(**pair: Any) -> Plan:
    return make_plan(make_pair({"master_master": pair} if pair else {}))


def files(host: HostPlan) -> dict[str, Any]:
    return {file.path: file for file in host.files}


def env(host: HostPlan, name: str) -> dict[str, str]:
    text = files(host)[f"/etc/mariadb-ha/{name}.env"].content
    return dict(line.replace('"', "").split("=", 1) for line in text.splitlines() if "=" in line)


def test_the_server_with_data_comes_first_and_the_other_copies_it() -> None:
    made = plan(data_from="db2")
    names = [step.name for step in made.steps if step.name.startswith("up-")]
    assert names == ["up-db2", "up-db1"]
    assert env(made.hosts["db1"], "master")["DATA_FROM"] == "db2"
    assert (env(made.hosts["db1"], "master")["FIRST"], env(made.hosts["db2"], "master")["FIRST"]) == ("no", "yes")
    begins = {host: [need.begins_with_data for need in one.needs if need.datadir] for host, one in made.hosts.items()}
    assert begins == {"db1": [False], "db2": [True]}, "preflight refuses data on the other one"


def test_without_data_the_preferred_writer_comes_last() -> None:
    assert [step.name for step in plan().steps if step.name.startswith("up-")] == ["up-db2", "up-db1"]
    assert env(plan().hosts["db1"], "master")["FIRST"] == "yes"


def test_copies_are_asked_for_by_the_other_server_only() -> None:
    host = plan(clone_port=4450).hosts["db1"]
    assert "mariadb-ha-donor.socket" in host.units
    assert "ListenStream=4450" in files(host)["/etc/systemd/system/mariadb-ha-donor.socket"].content
    opened = files(host)["/etc/nftables.d/input-master_master.nft"].content
    assert "ip saddr 172.16.21.52 tcp dport" in opened
    assert "4450" in opened
    account = files(host)["/etc/mariadb-ha/replication.json"]
    assert (account.secret, account.mode) == (True, "0600")


def test_the_gateway_is_the_witness_unless_others_are_named() -> None:
    assert env(plan().hosts["db1"], "promoter")["WITNESSES"] == "172.16.21.1"
    assert env(plan(witnesses=["172.16.21.9"]).hosts["db1"], "promoter")["WITNESSES"] == "172.16.21.9"
    assert env(plan(witnesses=[]).hosts["db1"], "promoter")["WITNESSES"] == ""


def test_a_hypervisor_is_asked_with_a_key_that_it_admits_by_one_line() -> None:
    made = plan(fencing={"agent": "libvirt", "libvirt": {"host": "10.0.0.2", "host_key": KEY}}, semi_sync=PATIENT)
    host = made.hosts["db1"]
    assert env(host, "promoter")["FENCING"] == "/usr/local/lib/mariadb-ha/fence"
    how = json.loads(files(host)["/etc/mariadb-ha/fencing.json"].content)
    assert (how["domain"], how["peer"]) == ("pair-db2", "db2"), "nobody else's power"
    assert files(host)["/etc/mariadb-ha/fencing.key"].secret
    line = made.components["master_master"].outputs["fencing_authorized_key"]
    assert made.components["master_master"].outputs["fencing_agent"] == "libvirt"
    assert line.startswith('restrict,command="/usr/local/sbin/mariadb-ha-fence pair-db1 pair-db2" ssh-ed25519 ')
    assert "PRIVATE" not in line


def test_a_controllers_password_is_on_the_other_host_only() -> None:
    both = {
        "db1": {"address": "10.0.9.1", "user": "fence", "password": "geheim-1"},
        "db2": {"address": "10.0.9.2", "user": "fence", "password": "geheim-2"},
    }
    made = plan(fencing={"agent": "ipmi", "ipmi": both}, semi_sync=PATIENT)
    how = files(made.hosts["db1"])["/etc/mariadb-ha/fencing.json"]
    assert how.secret
    assert "geheim-2" in how.content
    assert "geheim-1" not in how.content
    assert "ipmitool" in made.hosts["db1"].packages
    assert made.components["master_master"].outputs["fencing_agent"] == "ipmi", "drills can switch the power, too"
    assert not [file for file in made.hosts["db1"].files if "geheim" in file.content and not file.secret]


def test_what_the_agent_gets_is_told_to_it_and_is_promised() -> None:
    """Once where the other host is powered off before this one serves; a stand-by that dies is not fenced."""
    agent = {"agent": "libvirt", "timeout": 20, "libvirt": {"host": "10.0.0.2", "host_key": KEY}}
    made, without = plan(fencing=agent, semi_sync=PATIENT), plan(semi_sync=PATIENT)
    assert env(made.hosts["db1"], "promoter")["FENCING_TIMEOUT"] == "20"
    assert json.loads(files(made.hosts["db1"])["/etc/mariadb-ha/fencing.json"].content)["timeout"] == 20
    promised, before = (dict(each.components["master_master"].promises) for each in (made, without))
    asked = {fault: round(before[fault] + 20, 2) for fault in ("writer-kill", "link-cut")}
    assert promised == {**before, **asked}
    assert promised["standby-kill"] == 70


def test_where_writes_wait_for_both_servers_no_fault_of_one_has_a_promise() -> None:
    """The one that is left waits for the other, however long that is gone."""
    made = plan(semi_sync={"without_peer": "block"})
    assert set(made.components["master_master"].promises) == {"switchover"}
    off = plan(semi_sync={"enabled": False})
    assert off.components["master_master"].promises["standby-kill"] == 0
