"""Bare metal in the resource graph: servers instead of VMs, the same steps after them."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from tests.conftest import make_context
from tests.graph.recorder import Registered
from tests.graph.test_graph import content, graph, make_graph, upstream

KEYS = {
    name: f"ssh-ed25519 {make_context().secrets.ssh_key('ssh-host-key', name).public.split()[1]} root@{name}"
    for name in ("ha1", "ha2", "mdb1", "mdb2", "mdb3")
}
ADDRESSES = {
    "ha1": "172.16.21.201",
    "ha2": "172.16.21.202",
    "mdb1": "172.16.21.180",
    "mdb2": "172.16.21.181",
    "mdb3": "172.16.21.182",
}


def servers(**changes: dict[str, Any]) -> dict[str, Any]:
    """`hosts` of S1 on bare metal, its servers as large as the VMs; `changes` by host."""
    return {
        name: {
            "address": address,
            "provisioner": "bare-metal",
            "ssh_host_key": KEYS[name],
            **({"memory_mib": 1024, "data_disk_gib": 10} if name.startswith("mdb") else {}),
            **changes.get(name, {}),
        }
        for name, address in ADDRESSES.items()
    }


def settings(**changes: dict[str, Any]) -> dict[str, Any]:
    """The dev stack's settings with its hosts on bare metal. None in a host's settings takes the key out."""
    hosts = {
        name: {key: value for key, value in entry.items() if value is not None}
        for name, entry in servers(**changes).items()
    }
    return {"hosts": hosts, "hypervisor": {}}


@pytest.fixture(autouse=True)
def fit_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked over the network here."""
    monkeypatch.setattr("components.preflight.check_hosts", lambda context, plan: [])


@pytest.fixture
def metal() -> dict[str, Registered]:
    """S1 on bare metal."""
    return graph(settings())[0]


def test_no_hypervisor_is_needed(metal: dict[str, Registered]) -> None:
    assert not [r.name for r in metal.values() if "libvirt" in r.type.lower()]


def test_the_same_steps_with_the_same_files_as_on_vms(metal: dict[str, Registered]) -> None:
    vms = graph()[0]
    for name in ("dev-ha1-files", "dev-galera-roll-mdb2", "dev-mdb3-secrets", "dev-directors-direct-ha1"):
        assert content(metal[name].inputs["stdin"]) == content(vms[name].inputs["stdin"]), name
        assert metal[name].inputs["create"] == vms[name].inputs["create"]
    ours, theirs = content(metal["dev-mdb1-files"].inputs["stdin"]), content(vms["dev-mdb1-files"].inputs["stdin"])
    assert set(theirs) - set(ours) == {"/etc/mariadb-ha/data-disk.env"}, "only a VM has a data volume of its own"
    assert all(theirs[path] == text for path, text in ours.items())
    steps = {name for name in vms if name.startswith(("dev-galera-", "dev-directors-"))}
    assert steps == {name for name in metal if name.startswith(("dev-galera-", "dev-directors-"))}


def test_everything_waits_for_the_enrolment_and_is_keyed_to_the_machine(metal: dict[str, Registered]) -> None:
    for host in ADDRESSES:
        assert f"dev-{host}-enrol" in upstream(metal, f"dev-{host}-files")
        assert f"dev-{host}-enrol" in upstream(metal, f"dev-{host}-withdraw")


def test_only_withdrawals_delete_and_they_are_never_replaced(metal: dict[str, Registered]) -> None:
    """A replacement runs the old `delete` after the new `create`: what would be withdrawn is what was just made."""
    deleting = {r.name for r in metal.values() if "delete" in r.inputs}
    assert deleting == {f"dev-{host}-withdraw" for host in ADDRESSES}
    for name in deleting:
        assert "triggers" not in metal[name].inputs
        assert "create" not in metal[name].inputs
        assert "--purge-data" not in metal[name].inputs["delete"]
        assert "--stack dev" in metal[name].inputs["delete"]
    purging = graph({**settings(), "bare_metal": {"purge_data": True}})[0]
    assert "--purge-data" in purging["dev-mdb1-withdraw"].inputs["delete"]


def test_the_host_key_of_the_settings_is_checked(metal: dict[str, Registered]) -> None:
    for name in ("dev-mdb1-enrol", "dev-mdb1-files", "dev-galera-bootstrap", "dev-mdb1-withdraw"):
        connection = metal[name].inputs["connection"]
        assert dict(connection.get("value", connection))["hostKey"] == " ".join(KEYS["mdb1"].split()[:2])


def test_trust_on_first_use_is_for_the_first_connection_only() -> None:
    hosts = settings(mdb1={"ssh_host_key": None})
    resources = graph({**hosts, "bare_metal": {"trust_on_first_use": True}})[0]
    first = resources["dev-mdb1-enrol"].inputs["connection"]
    assert "hostKey" not in dict(first.get("value", first))
    later = resources["dev-mdb1-files"].inputs["connection"]
    assert "hostKey" in dict(later.get("value", later)), "what the first connection found is checked from then on"


def test_vms_and_servers_in_one_stack() -> None:
    hosts = settings()["hosts"]
    hosts["ha1"] = {"address": "172.16.21.201", "memory_mib": 512}
    resources = graph({"hosts": hosts})[0]
    assert {name for name in resources if name.endswith("-domain")} == {"dev-ha1-domain"}
    assert {name for name in resources if name.endswith("-enrol")} == {
        f"dev-{host}-enrol" for host in ("ha2", "mdb1", "mdb2", "mdb3")
    }
    assert "dev-mdb1-enrol" in upstream(resources, "dev-directors-direct-ha1")


def test_a_lost_host_is_let_go_without_contact() -> None:
    resources = graph(settings(mdb3={"lost": True}))[0]
    left = {name for name in resources if "mdb3" in name}
    assert left == {"dev-mdb3", "dev-mdb3-withdraw"}
    withdrawal = resources["dev-mdb3-withdraw"]
    assert withdrawal.raw.retainOnDelete, "destroy must not wait for a host that is gone"
    assert "create" not in withdrawal.inputs
    assert withdrawal.urn == graph(settings())[0]["dev-mdb3-withdraw"].urn, (
        "it must be the same resource, else its old self would be run"
    )
    members = content(resources["dev-galera-roll-mdb1"].inputs["stdin"])[
        "/etc/mysql/mariadb.conf.d/73-mariadb-ha-members.cnf"
    ]["content"]
    assert "172.16.21.182" not in members
    assert "172.16.21.181" in members


def test_a_lost_host_restarts_no_node() -> None:
    """The others' server settings stay as they are: only what is read at the next start names the members."""
    before, after = graph(settings())[0], graph(settings(mdb3={"lost": True}))[0]
    old, new = (content(r["dev-galera-roll-mdb1"].inputs["stdin"]) for r in (before, after))
    changed = {path for path in new if new[path] != old.get(path)}
    assert changed <= {"/etc/mysql/mariadb.conf.d/73-mariadb-ha-members.cnf", "/etc/mariadb-ha/galera.env"}


def test_outputs_say_who_is_bare_metal() -> None:
    outputs = graph(settings(mdb3={"lost": True}))[1]
    assert "hypervisor" not in outputs
    assert set(outputs["hosts"]) == {"ha1", "ha2", "mdb1", "mdb2"}
    assert outputs["hosts"]["mdb1"]["provisioner"] == "bare-metal"
    assert "domain" not in outputs["hosts"]["mdb1"]
    assert outputs["hosts"]["mdb1"]["ssh_host_key"] == " ".join(KEYS["mdb1"].split()[:2])
    assert outputs["galera"]["size"] == 2


def test_unfit_hosts_stop_an_up_before_anything_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.preflight.check_hosts", lambda context, plan: ["mdb1: is on fire.", "mdb2: too."])
    with pytest.raises(pulumi.RunError, match=r"nothing was touched:\nmdb1: is on fire.\nmdb2: too."):
        make_graph(settings())
