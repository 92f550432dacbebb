"""Directors and the real servers behind them, as `hactl` sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from ops.component import Caution, Component, Delivery, FaultKind, LedgerNodes, Service, Unit
from ops.hosts.facts import HostFacts
from ops.inventory import ComponentEntry, Endpoint, Inventory, Model
from ops.kinds.directors.changes import NOTICES, cautions
from ops.kinds.directors.drills import CHECKS_MARGIN, FAULTS
from ops.kinds.directors.findings import differing_tables, last_one, no_table, service_findings
from ops.roles import real_server, vrrp
from ops.roles.agent import Agent
from ops.roles.ipvs import Ipvs, Kept, Ports, ipvs_table, parse_ipvs, parse_kept, parse_ports
from ops.status.cells import clock_cell, unreached_cell
from ops.status.finding import Finding

DRAIN_WATCH = "mariadb-ha-drain-watch"
UNITS = (
    vrrp.UNIT,
    Unit(
        name="mariadb-ha-ipvs-sync",
        follows="this director may not know the other's connections, and sessions break when it takes over",
        todo="systemctl start mariadb-ha-ipvs-sync, and journalctl -u mariadb-ha-ipvs-sync for why it is not",
    ),
    Unit(
        name=DRAIN_WATCH,
        follows="this director does not learn that a real server drains, or is gone: clients are sent to it as before",
        todo="systemctl start mariadb-ha-drain-watch, and journalctl -u mariadb-ha-drain-watch for why it ended",
    ),
)
#: Patience for one director that takes its files, in seconds.
PATIENCE = 600.0


class VrrpDetails(Model):
    """VRRP as declared; times in seconds."""

    preempt: bool = True
    preempt_delay_s: float = 0.0


class Details(Model):
    """What the outputs say of the pair."""

    directors: tuple[str, ...]
    real_servers: tuple[str, ...]
    vips: tuple[str, ...]
    vrrp: VrrpDetails = VrrpDetails()


class Directors(Component):
    """See the module."""

    faults = FAULTS
    notices = NOTICES

    @classmethod
    def cautions(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Caution]:
        """See `Component.cautions`."""
        return cautions(before, after)

    def __init__(self, name: str, entry: ComponentEntry, inventory: Inventory, behind: Component | None = None) -> None:
        super().__init__(name, entry, inventory, behind)
        details = self.details(Details)
        self.directors, self.real_servers = details.directors, details.real_servers
        self.vrrp = vrrp.Vrrp(
            priorities={host: self.host(host).priority or 0 for host in details.directors},
            vips=details.vips,
            preempt=details.vrrp.preempt,
            preempt_delay=details.vrrp.preempt_delay_s,
        )

    @property
    def virtual_services(self) -> list[Endpoint]:
        """Where clients connect: writers first, then readers where they have a VIP of their own."""
        found: list[Endpoint] = []
        for _, endpoint in sorted(self.entry.endpoints.items(), key=lambda item: item[0] != "writer"):
            if endpoint not in found:
                found.append(endpoint)
        return found

    # Status.

    def units(self, host: str) -> tuple[Unit, ...]:
        """See `Component.units`."""
        own = UNITS if host in self.directors else ()
        return own + ((real_server.UNIT,) if host in self.real_servers else ())

    def parse(self, host: str, said: Mapping[str, Any]) -> Iterable[object]:
        """See `Component.parse`."""
        parsers = (vrrp.parse_vrrp_log, parse_ipvs, parse_ports, parse_kept, real_server.parse_direct_routing)
        return [part for parser in parsers if (part := parser(said)) is not None]

    def lost(self, host: str) -> str:
        """See `Component.lost`."""
        return "the directors have no redundancy" if host in self.directors else ""

    def findings(self, facts: Mapping[str, HostFacts]) -> list[Finding]:
        """See `Component.findings`."""
        agents = {host: one.part(Agent) for host, one in facts.items() if one.reached}
        found = self.vrrp.findings(facts)
        for host in self.directors:
            mine = facts[host]
            if not mine.reached or not mine.active(vrrp.SERVICE.unit):
                continue
            found += self.vrrp.fault_findings(host, mine)
            ports = mine.part(Ports) or Ports(closed={})
            closed = {
                real: why for real, why in ports.closed.items() if (said := agents.get(real)) and said.status == 200
            }
            # What a drain-watch that has ended left behind is none of now.
            kept = mine.part(Kept) if mine.active(DRAIN_WATCH) else None
            table = mine.part(Ipvs) or Ipvs(services=None)
            if table.services is None:
                found.append(no_table(host, table.error))
                continue
            for endpoint in self.virtual_services:
                hosts = self.inventory.hosts
                found += service_findings(
                    host,
                    table,
                    endpoint,
                    real_servers=self.real_servers,
                    hosts=hosts,
                    agents=agents,
                    closed=closed,
                    kept=kept.servers if kept else {},
                )
        return found + last_one(self.directors, facts) + differing_tables(self.directors, facts)

    def host_findings(self, host: str, facts: HostFacts) -> list[Finding]:
        """See `Component.host_findings`."""
        return real_server.real_server_findings(host, facts) if host in self.real_servers else []

    def report(self, facts: Mapping[str, HostFacts]) -> Iterable[RenderableType]:
        """See `Component.report`."""
        heads = ("director", "address", "priority", "VRRP", "holds", "clock")
        table = Table(*heads, title=self.title("Directors"), title_justify="left")
        for host, priority in self.vrrp.priorities.items():
            mine = facts[host]
            said = (self.vrrp.state_cell(mine), " ".join(self.vrrp.held(mine)) or "–", clock_cell(mine))
            shown = said if mine.reached else (unreached_cell(mine), "?", "?")
            table.add_row(host, self.host(host).address, str(priority or ""), *shown)
        yield table
        names = {entry.address: host for host, entry in self.inventory.hosts.items()}
        ipvs = ipvs_table(self.title("IPVS"), {host: facts[host].part(Ipvs) for host in self.directors}, names)
        if ipvs.row_count:
            yield ipvs

    def host_json(self, host: str, facts: HostFacts) -> dict[str, Any]:
        """See `Component.host_json`."""
        said: dict[str, Any] = {}
        if host in self.directors:
            table = facts.part(Ipvs)
            services = [asdict(service) for service in (table.services if table else None) or ()]
            said |= {"vrrp_state": self.vrrp.state(facts), "vips": self.vrrp.held(facts), "ipvs": services}
        if routing := facts.part(real_server.DirectRouting):
            said["lvsdr"] = {"code": routing.code, "words": routing.words}
        return said

    def vip_holders(self, facts: Mapping[str, HostFacts]) -> dict[str, list[str]]:
        """See `Component.vip_holders`."""
        return {vip: self.vrrp.holders(facts, vip) for vip in self.vrrp.vips}

    # Drift.

    def deliveries(self) -> tuple[Delivery, ...]:
        """See `Component.deliveries`. The lower priority first, so that the VIP moves as seldom as can be."""
        hosts = tuple(sorted(self.directors, key=lambda host: self.vrrp.priorities[host]))
        command, words = "director-up --recorded", NOTICES["director"].words
        return (Delivery(owner_set="director", hosts=hosts, command=command, patience=PATIENCE, words=words),)

    # Drills and ledgers.

    def ledger_nodes(self) -> LedgerNodes | None:
        """See `Component.ledger_nodes`."""
        return self.behind.ledger_nodes() if self.behind else None

    def targets(self, fault: FaultKind) -> tuple[str, ...]:
        """See `Component.targets`."""
        return self.directors if fault.role == vrrp.DIRECTOR else self.real_servers

    def first_target(self, fault: FaultKind, facts: Mapping[str, HostFacts]) -> str | None:
        """See `Component.first_target`: the director that holds the writers' VIP."""
        if fault.role != vrrp.DIRECTOR:
            return None
        held = self.vrrp.holders(facts, self.entry.endpoints["writer"].host)
        return held[0] if held else None

    def stopped(self, fault: FaultKind) -> Service | None:
        """See `Component.stopped`."""
        if fault.role == vrrp.DIRECTOR:
            return vrrp.SERVICE
        return self.behind.service if self.behind else None

    def up_script(self, host: str) -> str:
        """See `Component.up_script`."""
        if host in self.directors:
            return f"systemctl is-active --quiet {vrrp.SERVICE.unit}"
        return self.behind.up_script(host) if self.behind else super().up_script(host)

    def pause(self, fault: FaultKind, host: str) -> float:
        """See `Component.pause`: for VRRP, or for health checks."""
        return self.vrrp.pause(host) if fault.role == vrrp.DIRECTOR else CHECKS_MARGIN

    def not_healed(self, facts: Mapping[str, HostFacts]) -> str:
        """See `Component.not_healed`: the VIPs are back where the priorities want them."""
        return self.vrrp.not_healed(facts)
