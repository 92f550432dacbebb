"""Who is admitted where: clients of each kind from their networks, and further openings."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from plan import make_plan
from plan.context import Context
from plan.model import HostPlan
from plan.secrets import Secrets
from settings import load_stack
from settings.advice import advice
from tests.conftest import TEST_SECRET, make_arbitrated, make_context, make_pair, make_web
from tests.image_root import image_root, inside
from tests.unit.settings_bad_balancing import BALANCING
from tests.unit.settings_config import changed, metal
from tests.unit.test_server_options import of_stack

NEAR = ["10.1.0.0/16", "10.1.2.0/24", "192.0.2.7"]


def balancing(**section: Any) -> Context:
    """S8 beside a cluster, on VMs."""
    config = changed({**BALANCING, "balancers": {**BALANCING["balancers"], **section}})
    return Context(stack="rb", settings=load_stack(config), secrets=Secrets(stack="rb", stack_secret=TEST_SECRET))


def stack(kind: str, cidrs: list[str]) -> tuple[HostPlan, ...]:
    """Hosts with ports for clients, of a stack in which they come from `cidrs`."""
    more = {"client_cidrs": cidrs}
    made: dict[str, tuple[Any, tuple[str, ...]]] = {
        "directors": (lambda: make_context({"directors": more}), ("ha1", "mdb2")),
        "galera": (lambda: make_arbitrated({"galera": more}), ("mdb1",)),
        "master_master": (lambda: make_pair({"master_master": more}), ("db1",)),
        "web": (lambda: make_web(more), ("web1",)),
        "balancers": (lambda: balancing(**more), ("lb1",)),
        "drbd": (lambda: of_stack("drbd", "drbd", **more), ("nod1",)),
    }
    make, hosts = made[kind]
    plan = make_plan(make())
    return tuple(plan.hosts[host] for host in hosts)


def openings(host: HostPlan) -> list[str]:
    """Lines of the openings that name no source, or one of NEAR: those for clients."""
    lines = [
        line
        for file in host.files
        if file.path.startswith("/etc/nftables.d/")
        for line in file.content.splitlines()
        if "tcp dport" in line
    ]
    return [line for line in lines if not line.startswith("ip saddr") or any(f"saddr {near} " in line for near in NEAR)]


KINDS = ("directors", "galera", "master_master", "web", "balancers", "drbd")


@pytest.mark.parametrize("kind", KINDS)
def test_clients_come_from_their_networks(kind: str, tmp_path: Path) -> None:
    for host in stack(kind, ["0.0.0.0/0"]):
        assert openings(host)
        assert not any("saddr" in line for line in openings(host)), "everybody"
    for host in stack(kind, NEAR):
        found = openings(host)
        assert found
        assert len(found) % len(NEAR) == 0
        assert all(line.startswith("ip saddr") for line in found), f"{host.name} is open to others: {found}"
        done = inside(tmp_path / host.name, host, "nft -c -f /etc/nftables.conf")
        assert done.returncode == 0, f"subnets may lie within each other: {done.stderr}"


def test_narrowing_reloads_the_firewall_alone() -> None:
    before, after = stack("galera", ["0.0.0.0/0"])[0], stack("galera", NEAR)[0]
    changed_files = [file for file in after.files if file not in before.files]
    assert [file.path for file in changed_files] == ["/etc/nftables.d/input-galera-clients.nft"]
    assert changed_files[0].on_change == ("reload-or-try-restart nftables",)
    assert changed_files[0].step is None, "no server is restarted"


def test_further_openings(tmp_path: Path) -> None:
    given = [
        {"port": 9100, "cidrs": ["10.0.0.5", "10.2.0.0/16"], "hosts": ["mdb2"]},
        {"port": 161, "proto": "udp", "cidrs": ["0.0.0.0/0"]},
    ]
    hosts = make_plan(make_context({"firewall": {"openings": given}})).hosts
    texts = {host: next(f.content for f in hosts[host].files if f.path == "/etc/nftables.conf") for host in hosts}
    assert [line.strip() for line in texts["mdb2"].splitlines() if "9100" in line] == [
        "ip saddr 10.0.0.5 tcp dport 9100 accept",
        "ip saddr 10.2.0.0/16 tcp dport 9100 accept",
    ]
    assert "9100" not in texts["mdb1"]
    assert all("\t\tudp dport 161 accept" in text.splitlines() for text in texts.values())
    done = inside(tmp_path, hosts["mdb2"], "nft -c -f /etc/nftables.conf")
    assert done.returncode == 0, done.stderr


def test_an_opening_beside_a_port_that_only_the_stack_uses_is_fine() -> None:
    load_stack(changed({"firewall": {"openings": [{"port": 9200, "cidrs": ["10.0.0.9"]}]}}))


def test_a_word_where_everybody_is_admitted() -> None:
    assert any(line.startswith("directors.client_cidrs: admits") for line in advice(make_context().settings))
    said = advice(make_context({"directors": {"client_cidrs": NEAR}}).settings)
    assert not any("client_cidrs" in line for line in said), "the servers behind are not open by themselves"


def test_a_word_where_the_size_of_bare_metal_is_not_said() -> None:
    said = advice(load_stack(changed(metal("mdb2", "mdb3"))))
    assert any(line.startswith("hosts.mdb2.memory_mib: is not given, nor those of mdb3") for line in said)
    sizes = {"hosts.mdb2.memory_mib": 4096, "hosts.mdb3.memory_mib": 4096}
    assert not any("memory_mib" in line for line in advice(load_stack(changed({**metal("mdb2", "mdb3"), **sizes}))))


def test_the_firewall_is_in_force_before_the_network() -> None:
    """Debian's own unit orders itself; the stack enables it on every host."""
    unit = Path(image_root(), "usr/lib/systemd/system/nftables.service")
    lines = unit.read_text().splitlines()
    assert "WantedBy=sysinit.target" in lines
    assert "DefaultDependencies=no" in lines
    assert any(line.startswith("Before=") and "network-pre.target" in line for line in lines)
    assert "Wants=network-pre.target" in lines, "without it nobody waits for that target"
    assert all("nftables.service" in host.units for host in make_plan(make_context()).hosts.values())
    shown = subprocess.run(["grep", "-rl", "network-pre.target", Path(image_root(), "usr/lib/systemd/system")],
                           capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert "systemd-networkd.service" in shown, "what brings the network up comes after it"


@pytest.mark.parametrize(
    ("before", "loaded"),
    [("nft -f /etc/nftables.conf", True), ("true", False), ("nft -f /etc/nftables.conf; nft flush ruleset", False)],
)
def test_hactl_understands_what_nft_says(before: str, loaded: bool, tmp_path: Path) -> None:
    import facts_firewall

    ask = " ".join(facts_firewall.commands()["firewall"])
    done = inside(tmp_path, make_plan(make_context()).hosts["mdb2"], f"{before}; {ask}")
    assert facts_firewall.loaded((done.returncode, done.stdout + done.stderr)) is loaded, done.stdout + done.stderr
