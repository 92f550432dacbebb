"""What roles ask of a stack: VMs, bare metal, and hosts that are declared lost."""

from __future__ import annotations

from typing import Any

import pytest

from plan import make_plan
from plan.context import Context
from plan.secrets import Secrets
from settings import load_stack
from settings.mac import derived_mac
from tests.conftest import TEST_SECRET
from tests.unit.settings_config import MIXED, changed, host_key, metal

FIVE: dict[str, Any] = {
    "galera.members": ["mdb2", "mdb1", "mdb3", "mdb4", "mdb5"],
    "hosts.mdb4": {"address": "172.16.21.183"},
    "hosts.mdb5": {"address": "172.16.21.184"},
}


def of(config: dict[str, Any]) -> Context:
    """The context of a whole configuration."""
    return Context(stack="dev", settings=load_stack(config), secrets=Secrets(stack="dev", stack_secret=TEST_SECRET))


def lost(*names: str, **more: Any) -> Context:
    """The context of the good stack with these hosts on bare metal and lost."""
    return of(changed({**metal(*names), **{f"hosts.{name}.lost": True for name in names}, **more}))


def nodes(context: Context) -> tuple[str, ...]:
    """Galera nodes in the order in which they join."""
    return make_plan(context).components["galera"].hosts


def reference(context: Context) -> str | None:
    """The reference node."""
    found: str | None = make_plan(context).components["galera"].outputs["reference_node"]
    return found


def real_servers(context: Context) -> tuple[str, ...]:
    """Real servers, the preferred writer first."""
    return tuple(make_plan(context).components["directors"].outputs["real_servers"])


def directors(context: Context) -> tuple[str, ...]:
    """Directors, the highest priority first."""
    return tuple(make_plan(context).components["directors"].outputs["directors"])


def roles(context: Context, host: str) -> tuple[str, ...]:
    """What a host is for; nothing where it is lost."""
    plan = make_plan(context)
    return plan.hosts[host].roles if host in plan.hosts else ()


def test_vms_alone() -> None:
    context = of(changed({}))
    assert context.hosts == context.vms == ("ha1", "ha2", "mdb1", "mdb2", "mdb3")
    assert context.bare_metal == context.lost == ()
    assert reference(context) == "mdb1"


def test_mixed() -> None:
    context = of(MIXED)
    assert context.hosts == ("ha1", "ha2", "mdb1", "mdb3")
    assert context.vms == ("ha2", "mdb1")
    assert context.bare_metal == ("ha1", "mdb3")
    assert context.lost == ("mdb2",)


def test_a_lost_host_is_in_no_role() -> None:
    context = lost("mdb2")
    assert nodes(context) == ("mdb1", "mdb3")
    assert real_servers(context) == ("mdb3",)
    assert roles(context, "mdb2") == ()
    assert roles(context, "mdb3") == ("galera", "realserver")
    assert context.address("mdb2") == "172.16.21.181"


def test_a_lost_real_server_that_is_named() -> None:
    assert real_servers(lost("mdb3", **{"directors.real_servers": ["mdb3", "mdb2"]})) == ("mdb2",)


def test_a_lost_reference_node_leaves_its_work_to_the_next() -> None:
    context = lost("mdb1")
    assert reference(context) is None
    assert nodes(context) == ("mdb2", "mdb3")
    assert real_servers(context) == ("mdb2", "mdb3"), "no other node is taken from clients"
    assert not any("reference" in roles(context, host) for host in context.hosts)


def test_the_next_is_the_next_in_the_settings() -> None:
    assert nodes(lost("mdb1", **FIVE)) == ("mdb2", "mdb3", "mdb4", "mdb5")
    assert nodes(lost("mdb3", **FIVE)) == ("mdb1", "mdb2", "mdb4", "mdb5")


@pytest.mark.parametrize(("gone", "left"), [("ha1", "ha2"), ("ha2", "ha1")])
def test_a_lost_director(gone: str, left: str) -> None:
    context = lost(gone)
    assert directors(context) == (left,)
    assert roles(context, gone) == ()
    assert context.vips == ("172.16.21.188",)


def test_interfaces() -> None:
    context = of(MIXED)
    assert context.interface("mdb3") == "enp1s0"
    assert context.interface("ha1") == "eth0"


def test_host_keys() -> None:
    """Derived for VMs, set for bare metal, unknown where the first answer is trusted."""
    context = of(changed({**metal("mdb2"), "hosts.mdb2.ssh_host_key": f"{host_key(7)} root@mdb2",
        "bare_metal.trust_on_first_use": True,
                          "hosts.mdb3.provisioner": "bare-metal"}))  # fmt: skip
    assert context.host_key("mdb2") == host_key(7)
    assert context.host_key("mdb3") is None
    assert context.host_key("mdb1") == context.secrets.ssh_key("ssh-host-key", "mdb1").public
    assert context.mac("mdb1") == derived_mac("dev", "mdb1")
