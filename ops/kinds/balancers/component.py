"""Balancers, as `hactl` sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from ops.component import Component, Delivery, FaultKind, LedgerNodes, Service, Unit
from ops.hosts.facts import HostFacts
from ops.inventory import ComponentEntry, Inventory, Model
from ops.kinds.balancers.changes import NOTICES
from ops.kinds.balancers.drills import FAULTS
from ops.kinds.balancers.findings import last_one, left_out, nobody_reads, says_nothing
from ops.roles import haproxy, vrrp
from ops.roles.agent import Agent
from ops.status.cells import clock_cell, unreached_cell
from ops.status.finding import Finding

#: Patience for one balancer that takes its files, in seconds.
PATIENCE = 600.0


class VrrpDetails(Model):
    """VRRP as declared; times in seconds."""

    preempt: bool = True
    preempt_delay_s: float = 0.0


class Details(Model):
    """What the outputs say of the balancers."""

    balancers: tuple[str, ...]
    vips: tuple[str, ...]
    reads_when_all_lag: str = "master"
    vrrp: VrrpDetails = VrrpDetails()


class Balancers(Component):
    """See the module."""

    faults = FAULTS
    notices = NOTICES

    def __init__(self, name: str, entry: ComponentEntry, inventory: Inventory, behind: Component | None = None) -> None:
        super().__init__(name, entry, inventory, behind)
        details = self.details(Details)
        self.balancers, self.instead = details.balancers, details.reads_when_all_lag
        self.vrrp = vrrp.Vrrp(
            priorities={host: self.host(host).priority or 0 for host in details.balancers},
            vips=details.vips,
            preempt=details.vrrp.preempt,
            preempt_delay=details.vrrp.preempt_delay_s,
            member="balancer",
            members="the balancers",
        )

    # Status.

    def units(self, host: str) -> tuple[Unit, ...]:
        """See `Component.units`."""
        return (haproxy.UNIT, vrrp.UNIT) if host in self.balancers else ()

    def parse(self, host: str, said: Mapping[str, Any]) -> Iterable[object]:
        """See `Component.parse`."""
        if host not in self.balancers:
            return ()
        found = (vrrp.parse_vrrp_log(said), haproxy.parse_haproxy(said))
        return [part for part in found if part is not None]

    def lost(self, host: str) -> str:
        """See `Component.lost`."""
        return "the balancers have no redundancy" if host in self.balancers else ""

    def findings(self, facts: Mapping[str, HostFacts]) -> list[Finding]:
        """See `Component.findings`."""
        agents = {host: one.part(Agent) for host, one in facts.items() if one.reached}
        found = self.vrrp.findings(facts)
        for host in self.balancers:
            mine = facts[host]
            if mine.reached and mine.active(vrrp.SERVICE.unit):
                found += self.vrrp.fault_findings(host, mine)
            if not mine.reached or not mine.active(haproxy.SERVICE.unit):
                continue
            said = mine.part(haproxy.Haproxy) or haproxy.Haproxy(error="no facts")
            if said.error:
                found.append(says_nothing(host, said.error))
                continue
            found += [*left_out(host, said, agents), *nobody_reads(host, said, self.instead)]
        return found + last_one(self.balancers, facts)

    def report(self, facts: Mapping[str, HostFacts]) -> Iterable[RenderableType]:
        """See `Component.report`."""
        heads = ("balancer", "address", "priority", "VRRP", "holds", "clock")
        table = Table(*heads, title=self.title("Balancers"), title_justify="left")
        for host, priority in self.vrrp.priorities.items():
            mine = facts[host]
            said = (self.vrrp.state_cell(mine), " ".join(self.vrrp.held(mine)) or "–", clock_cell(mine))
            shown = said if mine.reached else (unreached_cell(mine), "?", "?")
            table.add_row(host, self.host(host).address, str(priority or ""), *shown)
        yield table
        pools = haproxy.pools_table(
            self.title("haproxy"), {host: facts[host].part(haproxy.Haproxy) for host in self.balancers}
        )
        if pools.row_count:
            yield pools

    def host_json(self, host: str, facts: HostFacts) -> dict[str, Any]:
        """See `Component.host_json`."""
        if host not in self.balancers:
            return {}
        said = facts.part(haproxy.Haproxy)
        pools = [asdict(server) for server in said.servers] if said else []
        return {"vrrp_state": self.vrrp.state(facts), "vips": self.vrrp.held(facts), "haproxy": pools}

    def vip_holders(self, facts: Mapping[str, HostFacts]) -> dict[str, list[str]]:
        """See `Component.vip_holders`."""
        return {vip: self.vrrp.holders(facts, vip) for vip in self.vrrp.vips}

    # Drift.

    def deliveries(self) -> tuple[Delivery, ...]:
        """See `Component.deliveries`. The lower priority first, so that the VIP moves as seldom as can be."""
        hosts = tuple(sorted(self.balancers, key=lambda host: self.vrrp.priorities[host]))
        command, words = "balancer-up --recorded", NOTICES["balancer"].words
        return (Delivery(owner_set="balancer", hosts=hosts, command=command, patience=PATIENCE, words=words),)

    # Drills and ledgers.

    def ledger_nodes(self) -> LedgerNodes | None:
        """See `Component.ledger_nodes`."""
        return self.behind.ledger_nodes() if self.behind else None

    def targets(self, fault: FaultKind) -> tuple[str, ...]:
        """See `Component.targets`."""
        return self.balancers

    def first_target(self, fault: FaultKind, facts: Mapping[str, HostFacts]) -> str | None:
        """See `Component.first_target`: the balancer that holds the VIP."""
        held = self.vrrp.holders(facts, self.entry.endpoints["writer"].host)
        return held[0] if held else None

    def stopped(self, fault: FaultKind) -> Service | None:
        """See `Component.stopped`."""
        return haproxy.SERVICE

    def up_script(self, host: str) -> str:
        """See `Component.up_script`."""
        return f"systemctl is-active --quiet {haproxy.SERVICE.unit} {vrrp.SERVICE.unit}"

    def pause(self, fault: FaultKind, host: str) -> float:
        """See `Component.pause`: for VRRP."""
        return self.vrrp.pause(host)

    def not_healed(self, facts: Mapping[str, HostFacts]) -> str:
        """See `Component.not_healed`: the VIP is back where the priorities want it."""
        return self.vrrp.not_healed(facts)
