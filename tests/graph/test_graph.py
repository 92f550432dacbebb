"""The resource graph of the dev stack: order, options, secrets. No engine, no hypervisor."""

from __future__ import annotations

import asyncio
import functools
import json
import re
from itertools import pairwise
from typing import Any

import pulumi
import pytest
from pulumi.runtime.stack import run_pulumi_func

from components.stack import build
from plan.build import make_plan
from tests.conftest import TEST_SECRET, make_context
from tests.graph.recorder import Recorder, Registered, record

SST_FILE = "/etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf"
SECRET_KEY = "4dabf18193072939515e22adb298388d"
SECRET_MARK = "1b47061264138c4ac30d75fd1eb44270"


def graph(changes: dict[str, Any] | None = None) -> tuple[dict[str, Registered], dict[str, Any]]:
    """Registered resources by name, and the outputs: to look at, for they are made once for the same changes."""
    return _once(json.dumps(changes or {}))


@functools.cache
def _once(changes: str) -> tuple[dict[str, Registered], dict[str, Any]]:
    return make_graph(json.loads(changes))


def make_graph(changes: dict[str, Any]) -> tuple[dict[str, Registered], dict[str, Any]]:
    """Made now."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    recorder, outputs = Recorder(), {}
    record(recorder)

    asyncio.get_event_loop().run_until_complete(run_pulumi_func(lambda: outputs.update(build(make_context(changes)))))
    return recorder.resources, outputs


@pytest.fixture(scope="module")
def dev() -> dict[str, Registered]:
    """The dev stack's resources."""
    return graph()[0]


def upstream(resources: dict[str, Registered], name: str) -> set[str]:
    """Names of everything that a resource waits for, directly or not."""
    by_urn = {r.urn: r for r in resources.values()}
    seen: set[str] = set()
    todo = [name]
    while todo:
        for urn in resources[todo.pop()].dependencies:
            found = by_urn.get(urn)
            if found and found.name not in seen:
                seen.add(found.name)
                todo.append(found.name)
    return seen


def test_bootstrap_order(dev: dict[str, Registered]) -> None:
    order = ["roll-mdb1", "roll-mdb2", "roll-mdb3", "bootstrap", "accounts", "join-mdb2", "join-mdb3", "settle"]
    for earlier, later in pairwise(order):
        assert f"dev-galera-{earlier}" in upstream(dev, f"dev-galera-{later}")


def test_real_servers_wait_for_the_settled_cluster_and_directors_come_last(dev: dict[str, Registered]) -> None:
    for node in ("mdb2", "mdb3"):
        assert "dev-galera-settle" in upstream(dev, f"dev-directors-serve-{node}")
        assert f"dev-directors-serve-{node}" in upstream(dev, "dev-directors-direct-ha2")
    assert "dev-directors-direct-ha2" in upstream(dev, "dev-directors-direct-ha1")


def test_nodes_that_may_come_with_data_are_woken_before_the_first_one_looks(dev: dict[str, Registered]) -> None:
    """One of them may hold a later transaction than the reference node, which cannot form the cluster again then."""
    for node in ("mdb2", "mdb3"):
        assert f"dev-galera-wake-{node}" in upstream(dev, "dev-galera-bootstrap")
        assert f"dev-{node}-secrets" in upstream(dev, f"dev-galera-wake-{node}")
    assert "dev-galera-wake-mdb1" not in dev


def test_reference_node_bootstraps_and_never_serves(dev: dict[str, Registered]) -> None:
    assert dev["dev-galera-bootstrap"].inputs["connection"]
    assert "dev-galera-serve-mdb1" not in dev


def test_every_step_waits_for_the_files_of_all_its_hosts(dev: dict[str, Registered]) -> None:
    for node in ("mdb1", "mdb2", "mdb3"):
        assert {f"dev-{node}-files", f"dev-{node}-secrets"} <= upstream(dev, "dev-galera-bootstrap")


def test_files_come_before_the_check_of_the_first_boot(dev: dict[str, Registered]) -> None:
    """A wrong mirror or an unadopted volume is mended by a file: the gate before it must not ask whether the first boot
    went well.
    """
    assert "--cloud-init-only" in dev["dev-mdb1-gate"].inputs["create"]
    assert "dev-mdb1-files" in upstream(dev, "dev-mdb1-ready")
    assert "dev-mdb1-ready" not in upstream(dev, "dev-mdb1-files")
    assert "dev-mdb1-ready" in upstream(dev, "dev-mdb1-secrets")


def test_machine_identity_triggers_files_and_steps(dev: dict[str, Registered]) -> None:
    commands = [r for r in dev.values() if r.type == "command:remote:Command"]
    assert (
        len(commands) == 5 * 3 + 3 + 14
    )  # gate, files and ready of five hosts, secrets of three nodes, fourteen steps
    for command in commands:
        assert command.inputs["triggers"], command.name
        assert all("domain" in str(trigger) for trigger in command.inputs["triggers"]), command.name


def content(value: Any) -> dict[str, Any]:
    """A manifest out of its secret."""
    assert value[SECRET_KEY] == SECRET_MARK, "a manifest shows in the host's own inputs, not here"
    return dict(json.loads(value["value"]))


def test_content_is_an_update_not_a_trigger() -> None:
    before, after = graph()[0], graph({"galera": {"max_connections": 321}, "network": {"ntp": ["172.16.21.9"]}})[0]
    for name in ("dev-mdb2-files", "dev-galera-roll-mdb2"):
        assert content(before[name].inputs["stdin"]) != content(after[name].inputs["stdin"]), name
        assert before[name].inputs["triggers"] == after[name].inputs["triggers"], name


def test_what_a_server_reads_only_at_its_start_goes_node_by_node() -> None:
    """A changed MariaDB setting reaches no host by its ordinary files: only by the steps that roll."""
    before, after = graph()[0], graph({"galera": {"max_connections": 321}})[0]
    changed = {
        name
        for name in after
        if after[name].inputs != before[name].inputs and after[name].type == "command:remote:Command"
    }
    assert changed == {"dev-galera-roll-mdb1", "dev-galera-roll-mdb2", "dev-galera-roll-mdb3"}
    assert "dev-galera-roll-mdb2" in upstream(after, "dev-galera-roll-mdb3")


def test_keepalived_changes_go_to_one_director_after_the_other_the_vip_holder_last() -> None:
    before, after = graph()[0], graph({"timers": {"profile": "lan", "delay_loop": 2}})[0]
    changed = {
        name
        for name in after
        if after[name].inputs != before[name].inputs and after[name].type == "command:remote:Command"
    }
    assert {"dev-directors-direct-ha1", "dev-directors-direct-ha2"} <= changed
    assert not [name for name in changed if name.startswith("dev-ha")]
    assert "dev-directors-direct-ha2" in upstream(after, "dev-directors-direct-ha1")


def shown_lines(resources: dict[str, Registered], host: str, path: str) -> list[str]:
    """What a preview shows of one file."""
    lines = resources[f"dev-{host}"].inputs["files"].splitlines()
    return [line.removeprefix(f"{path}:").strip() for line in lines if line.startswith(f"{path}:")]


def test_a_preview_shows_files_line_by_line_with_mode_and_owner(dev: dict[str, Registered]) -> None:
    lines = shown_lines(dev, "mdb1", "/etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf")
    assert lines[0] == "[0644 root:root]"
    assert "max_connections = 200" in lines
    mode, secret = shown_lines(dev, "mdb1", SST_FILE)
    assert mode == "[0640 root:mysql]"
    assert secret.startswith("[secret] ")


def test_a_preview_shows_every_file_of_a_host(dev: dict[str, Registered]) -> None:
    plan = make_plan(make_context()).hosts["mdb1"]
    shown = re.findall(r"^(\S+): \[\d{4} \w+:\w+\]$", dev["dev-mdb1"].inputs["files"], re.MULTILINE)
    assert len(shown) == len(set(shown))
    assert set(shown) == {file.path for file in plan.files}


def test_a_secret_files_fingerprint_changes_with_it_and_tells_nothing() -> None:
    secrets = make_context().secrets
    texts = [secrets.fingerprint("one"), secrets.fingerprint("two")]
    assert texts[0] != texts[1]
    _, shown = shown_lines(graph()[0], "mdb1", SST_FILE)
    assert len(shown) == len("[secret] ") + 8


def test_no_command_deletes_anything(dev: dict[str, Registered]) -> None:
    assert not [r.name for r in dev.values() if r.type == "command:remote:Command" and "delete" in r.inputs]


def test_data_volumes_protected_by_default() -> None:
    resources = graph({"hypervisor": {"protect_data_volumes": True}})[0]
    assert {r.name for r in resources.values() if r.protect} == {"dev-mdb1-data", "dev-mdb2-data", "dev-mdb3-data"}


def test_dev_stack_protects_nothing(dev: dict[str, Registered]) -> None:
    assert not [r.name for r in dev.values() if r.protect]


def test_domains_are_deleted_before_replaced_and_ignore_a_new_seed(dev: dict[str, Registered]) -> None:
    for host in ("ha1", "ha2", "mdb1", "mdb2", "mdb3"):
        assert dev[f"dev-{host}-domain"].delete_before_replace
        assert set(seed(dev, host).ignore_changes) == {"userData", "metaData", "networkConfig"}


def seed(resources: dict[str, Registered], host: str) -> Registered:
    """A host's seed; its name tells what only a first boot can set."""
    return next(r for name, r in resources.items() if name.startswith(f"dev-{host}-seed-"))


def test_only_what_a_first_boot_sets_needs_a_vm_made_anew() -> None:
    """Another address is another seed and another root disk, so the preview says that the VM is replaced; other
    settings are not.
    """
    before = graph()[0]
    moved = graph({"hosts": {"mdb3": {"address": "172.16.21.199"}}})[0]
    assert seed(before, "mdb3").name != seed(moved, "mdb3").name
    assert before["dev-mdb3-root"].inputs["name"] != moved["dev-mdb3-root"].inputs["name"]
    assert before["dev-mdb3-data"].inputs == moved["dev-mdb3-data"].inputs
    assert before["dev-mdb2-domain"].inputs == moved["dev-mdb2-domain"].inputs
    changed = graph(
        {
            "galera": {"max_connections": 321},
            "timers": {"profile": "wan"},
            "directors": {"preempt": False},
            "network": {"ntp": ["172.16.21.9"]},
        }
    )[0]
    for name, resource in before.items():
        if resource.type.startswith("libvirt:") and "-seed-" not in name:
            assert changed[name].inputs == resource.inputs, name
        assert name in changed


def test_database_vms_are_protected_by_default() -> None:
    resources = graph({"hypervisor": {"protect_data_volumes": False, "protect_database_hosts": True}})[0]
    assert {r.name for r in resources.values() if r.protect} == {
        "dev-mdb1-domain",
        "dev-mdb2-domain",
        "dev-mdb3-domain",
    }


def test_children_are_named_after_hosts_and_have_parents(dev: dict[str, Registered]) -> None:
    for registered in dev.values():
        if not registered.type.startswith(("pulumi:pulumi:", "mariadb-ha:")):
            assert registered.parent, registered.name
            assert registered.name.startswith("dev-")


def _texts(value: Any, *, of_secrets: bool) -> list[str]:
    """All strings that are not inside a secret; with `of_secrets` those inside too."""
    if isinstance(value, dict):
        if value.get(SECRET_KEY) == SECRET_MARK and not of_secrets:
            return []
        return [text for each in value.values() for text in _texts(each, of_secrets=of_secrets)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each, of_secrets=of_secrets)]
    return [value] if isinstance(value, str) else []


def _holders(stack: dict[str, Registered], secret: str, *, of_secrets: bool) -> list[str]:
    """Resources that have a secret in an input."""
    return [
        registered.name
        for registered in stack.values()
        if any(secret in text for text in _texts(registered.inputs, of_secrets=of_secrets))
    ]


def test_no_secret_in_clear_in_any_input(dev: dict[str, Registered]) -> None:
    secrets = make_context().secrets
    hidden = {
        "SST password": secrets.password("sst-password", "galera"),
        "root password": secrets.password("root-password", "galera"),
        "account password": secrets.password("account-password", "galera/app"),
        "admin's SSH key": secrets.ssh_key("admin-ssh-key").private.splitlines()[3],
        "host key of ha1": secrets.ssh_key("ssh-host-key", "ha1").private.splitlines()[3],
        "host key of mdb1": secrets.ssh_key("ssh-host-key", "mdb1").private.splitlines()[3],
    }
    for name, secret in hidden.items():
        assert _holders(dev, secret, of_secrets=True), f"{name}: the search would find it"
        assert _holders(dev, secret, of_secrets=False) == [], name
    assert _holders(dev, TEST_SECRET, of_secrets=True) == [], "the stack's own secret goes nowhere"


def test_every_file_goes_with_its_own_set(dev: dict[str, Registered]) -> None:
    sst, server = "/etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf", "/etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf"
    plain, rolled, secret = (
        content(dev[name].inputs["stdin"]) for name in ("dev-mdb1-files", "dev-galera-roll-mdb1", "dev-mdb1-secrets")
    )
    assert "/etc/hosts" in plain
    assert "max_connections = 200" in rolled[server]["content"]
    assert sst in secret
    assert not {sst, server} & set(plain)


def connection(command: Registered) -> dict[str, Any]:
    """A command's connection, whether it is a secret as a whole (its key is one) or not."""
    value = command.inputs["connection"]
    return dict(value.get("value", value))


def test_gate_dials_until_its_own_timeout(dev: dict[str, Registered]) -> None:
    assert connection(dev["dev-mdb1-gate"])["dialErrorLimit"] == -1
    assert dev["dev-mdb1-gate"].create_timeout == "90m"
    assert connection(dev["dev-galera-bootstrap"])["dialErrorLimit"] == 10
    assert dev["dev-mdb1-ready"].create_timeout == "90m"


def test_outputs_are_the_contract() -> None:
    outputs = graph()[1]
    assert outputs["contract_version"] == 1
    assert set(outputs) == {
        "contract_version", "system", "drills", "client_options", "health_urls", "ca_certificate",
        "vip", "writer", "reader", "hosts", "databases", "promised_write_gap_s", "galera",
        "vrrp", "hypervisor",
        "endpoints", "components",
    }  # fmt: skip
    assert outputs["writer"] == outputs["reader"] == {"host": "172.16.21.188", "port": 3306}
    password = outputs["databases"]["app"]["accounts"]["app"]["password"]
    assert isinstance(password, pulumi.Output)


def test_second_vip_for_readers() -> None:
    outputs = graph({"directors": {"reader": {"vip": "172.16.21.189"}}})[1]
    assert outputs["reader"]["host"] == "172.16.21.189"
    assert outputs["writer"]["host"] == "172.16.21.188"
