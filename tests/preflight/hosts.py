"""A stack on bare metal, and its hosts as they should be found: fresh Debian 12, nothing of anybody on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plan import make_plan
from plan.context import Context
from plan.secrets import Secrets
from preflight import check
from preflight import unfit as unfit_module
from preflight.facts import Facts
from preflight.lines import Address, Disk, Listener
from preflight.ssh import Runner, run
from settings.problem import Problem
from tests.conftest import TEST_SECRET, dev_config, make_context

VIP = "172.16.21.188"


def host_key(host: str) -> str:
    """A public key of no machine that lives."""
    return Secrets(stack="dev", stack_secret=TEST_SECRET).ssh_key("ssh-host-key", host).public


def bare_metal(
    changes: dict[str, Any] | None = None,
    *,
    vms: tuple[str, ...] = (),
    hosts: Mapping[str, dict[str, Any]] | None = None,
) -> Context:
    """The dev stack on bare metal, but for `vms`. `hosts`: further settings of single hosts."""
    entries = {}
    for name, entry in dev_config()["mariadb-ha:hosts"].items():
        metal = {} if name in vms else {"provisioner": "bare-metal", "ssh_host_key": host_key(name)}
        entry = entry if name in vms else {"address": entry["address"]}
        entries[name] = {
            key: value for key, value in {**entry, **metal, **(hosts or {}).get(name, {})}.items() if value is not None
        }
    return make_context({"hosts": entries, **(changes or {})})


def fresh(context: Context, host: str, **changes: Any) -> Facts:
    """What is seen of a host that is good, with changes."""
    number = tuple(context.settings.hosts).index(host)
    facts = Facts(
        os_id="debian",
        os_version="12",
        os_name="Debian GNU/Linux 12 (bookworm)",
        architecture="amd64",
        init="systemd",
        kernel="6.1.0-28-amd64",
        kernel_modules=True,
        modules=("ip_vs",),
        disks=(Disk("/", 6000, "/"), Disk("/var/lib/mysql", 9000, "/var/lib/mysql"), Disk("/var/log", 6000, "/")),
        memory_mib=980,
        hostname=host,
        machine_id=f"{number:032x}",
        boot_id=f"boot-{number}",
        hosts_file=(
            "127.0.0.1 localhost",
            f"127.0.1.1 {host}.example.com {host}",
            "::1 localhost ip6-localhost ip6-loopback",
            "ff02::1 ip6-allnodes",
        ),
        addresses=(Address("lo", "127.0.0.1", "8"), Address("eth0", context.address(host), "24")),
        listeners=(Listener(22, "sshd", "400"), Listener(9100, "node_exporter", "401")),
        nftables=("d41d8cd98f00b204e9800998ecf8427e  /etc/nftables.conf", "conffile d41d8cd98f00b204e9800998ecf8427e"),
    )
    return replace(facts, **changes)


def all_fresh(context: Context, changes: Mapping[str, dict[str, Any]] | None = None) -> dict[str, Facts]:
    """All bare-metal hosts of a stack, with changes of single ones."""
    return {host: fresh(context, host, **(changes or {}).get(host, {})) for host in context.bare_metal}


def check_hosts(context: Context, *, runner: Runner = run) -> list[str]:
    """As `preflight.check_hosts`, with the plan of the context."""
    return check.check_hosts(context, make_plan(context), runner=runner)


def script(context: Context) -> str:
    """As `preflight.check.script`, with the plan of the context."""
    return check.script(context, make_plan(context))


def unfit(context: Context, facts: Mapping[str, Facts]) -> dict[str, list[Problem]]:
    """As `preflight.unfit.unfit`, with the plan of the context."""
    return unfit_module.unfit(context, make_plan(context), facts)
