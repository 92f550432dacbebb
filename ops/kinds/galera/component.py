"""A Galera cluster, as `hactl` sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from ops.component import Caution, Component, Delivery, FaultKind, LedgerNodes, Service, Unit
from ops.hosts.facts import HostFacts
from ops.hosts.shell import Shell
from ops.inventory import ComponentEntry, Inventory, Model
from ops.kinds.galera.changes import NOTICES, cautions
from ops.kinds.galera.drills import ARBITRATOR, ARBITRATOR_SERVICE, ARBITRATOR_UNIT, FAULTS, MARGIN
from ops.kinds.galera.figures import GROUPS, grouped, short
from ops.kinds.galera.findings import arbitrator_findings, cluster_findings, node_findings
from ops.kinds.galera.tables import ask_tables
from ops.kinds.galera.wsrep import Wsrep, parse_wsrep
from ops.roles import agent, drain, mariadb, vrrp, watched_vip
from ops.roles.real_server import DirectRouting, real_server_cell
from ops.status.cells import clock_cell, unreached_cell
from ops.status.finding import Finding

#: Patience for one node that takes its files, in seconds: it may fetch all data anew; galera-roll itself gives up after
#: 21,000.
PATIENCE = 23_000.0
#: Patience for the arbitrator, and for keepalived, in seconds.
VOTES = 960.0
#: A node that has been asked has applied all that was committed before.
APPLIED = "SET SESSION wsrep_sync_wait=15;"


class Details(Model):
    """What the outputs say of the cluster."""

    nodes: tuple[str, ...]
    serving: tuple[str, ...]
    size: int
    reference_node: str | None = None
    arbitrator: str | None = None
    vips: tuple[str, ...] = ()
    preempt: bool = False
    preempt_delay_s: float = 0.0
    agent_port: int = 9200


class Galera(Component):
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
        self.size, self.agent_port, self.reference = details.size, details.agent_port, details.reference_node
        self.serving, self.arbitrator = details.serving, details.arbitrator
        self.vrrp = vrrp.Vrrp(
            priorities={host: self.host(host).priority or 0 for host in details.serving} if details.vips else {},
            vips=details.vips,
            preempt=details.preempt,
            preempt_delay=details.preempt_delay_s,
            member="node",
            members="the nodes",
        )
        #: In the inventory's order.
        self.nodes = tuple(host for host in inventory.hosts if host in details.nodes)

    # Status.

    def units(self, host: str) -> tuple[Unit, ...]:
        """See `Component.units`."""
        if host == self.arbitrator:
            return (ARBITRATOR_UNIT,)
        own = (mariadb.UNIT, agent.UNIT) if host in self.nodes else ()
        return own + (watched_vip.UNITS if host in self.vrrp.priorities else ())

    def parse(self, host: str, said: Mapping[str, Any]) -> Iterable[object]:
        """See `Component.parse`."""
        found = (
            parse_wsrep(said),
            mariadb.parse_server(said),
            agent.parse_agent(said),
            watched_vip.parse_watched_vip(said),
        )
        return [part for part in found if part is not None]

    def lost(self, host: str) -> str:
        """See `Component.lost`."""
        if host == self.arbitrator:
            return "the arbitrator is out of sight"
        return "a Galera node is out of sight" if host in self.nodes else ""

    def findings(self, facts: Mapping[str, HostFacts]) -> list[Finding]:
        """See `Component.findings`."""
        running = self.running(facts)
        found = cluster_findings(running) + self.vrrp.findings(facts)
        if self.arbitrator:
            mine = facts[self.arbitrator]
            unit = mine.units.get(ARBITRATOR_UNIT.name, "") if mine.reached else ""
            if unit in ("active", ""):  # one that does not run is its unit's finding
                found += arbitrator_findings(self.arbitrator, unit, running)
        return found

    def running(self, facts: Mapping[str, HostFacts]) -> dict[str, Wsrep]:
        """The figures of nodes whose MariaDB runs."""
        return {
            host: wsrep
            for host in self.nodes
            if facts[host].active(self.service.unit) and (wsrep := facts[host].part(Wsrep)) is not None
        }

    def host_findings(self, host: str, facts: HostFacts) -> list[Finding]:
        """See `Component.host_findings`."""
        if host not in self.nodes:
            return []
        server = facts.part(mariadb.Server) or mariadb.Server()
        found = mariadb.server_findings(host, facts)
        if facts.draining is not None:
            found.append(drain.drain_finding(host, facts.draining, rolling=server.rolling))
        wsrep = facts.part(Wsrep)
        if wsrep is None or not facts.active(self.service.unit):
            return found
        return found + (
            node_findings(
                host,
                wsrep,
                facts.part(agent.Agent),
                size=self.size,
                serves=host in self.serving,
                draining=facts.draining is not None,
            )
            or watched_vip.not_eligible(host, facts)
        )

    def closer_look(self, facts: Mapping[str, HostFacts], shell: Shell) -> list[Finding]:
        """Tables that are not replicated, or not safely."""
        return ask_tables(shell, facts, self.nodes)

    def report(self, facts: Mapping[str, HostFacts]) -> Iterable[RenderableType]:
        """See `Component.report`."""
        heads = [f"{host} (reference)" if host == self.reference else host for host in self.nodes]
        table = Table("group", "figure", *heads, title=self.title("Galera"), title_justify="left")
        for group, names in GROUPS.items():
            for index, name in enumerate(names):
                figures = [_figure_cell(facts[host].part(Wsrep), name) for host in self.nodes]
                ends = index == len(names) - 1
                table.add_row("" if index else group, f"wsrep_{name}", *figures, end_section=ends)
        for group, label, cell in (
            ("host", "agent", lambda mine: agent.agent_cell(mine.part(agent.Agent))),
            ("", "connections", lambda mine: agent.room_cell(mine.part(agent.Agent))),
            ("", "real server", lambda mine: real_server_cell(mine.part(DirectRouting))),
            ("", "clock", clock_cell),
        ):
            cells = [cell(facts[host]) if facts[host].reached else unreached_cell(facts[host]) for host in self.nodes]
            if label != "real server" or not self.vrrp.vips:
                table.add_row(group, label, *cells)
        for label, cell in (
            ("VIP", lambda mine: " ".join(self.vrrp.held(mine)) or "–"),
            ("may hold it", lambda mine: watched_vip.eligible_cell(mine.part(watched_vip.WatchedVip))),
        ):
            if self.vrrp.vips:
                table.add_row("", label, *[cell(facts[host]) if facts[host].reached else "?" for host in self.nodes])
        yield table
        if self.arbitrator:
            yield self.arbitrator_table(facts)

    def arbitrator_table(self, facts: Mapping[str, HostFacts]) -> RenderableType:
        """The arbitrator, apart from the nodes: it votes and holds no data."""
        host = self.arbitrator or ""
        mine = facts[host]
        table = Table("arbitrator", "address", "state", "clock", title=self.title("Arbitrator"), title_justify="left")
        seen = [w for w in self.running(facts).values() if not w.error and w.text("cluster_status") == "Primary"]
        if not mine.reached:
            cells = (unreached_cell(mine), "?")
        elif not mine.active(ARBITRATOR_UNIT.name):
            cells = (f"[red]{mine.units.get(ARBITRATOR_UNIT.name, 'unknown')}[/]", clock_cell(mine))
        elif any(w.arbitrators() for w in seen):
            cells = ("[green]votes[/]", clock_cell(mine))
        else:
            cells = ("[red]runs, no node counts its vote[/]", clock_cell(mine))
        table.add_row(host, self.host(host).address, *cells)
        return table

    def host_json(self, host: str, facts: HostFacts) -> dict[str, Any]:
        """See `Component.host_json`."""
        said: dict[str, Any] = {}
        if wsrep := facts.part(Wsrep):
            said["wsrep"] = {"error": wsrep.error} if wsrep.error else grouped(wsrep)
        if found := facts.part(agent.Agent):
            said["agent"] = asdict(found)
        if watched := facts.part(watched_vip.WatchedVip):
            said["watched_vip"] = asdict(watched)
        if host == self.arbitrator:
            said["arbitrator"] = {"unit": facts.units.get(ARBITRATOR_UNIT.name, "unknown")}
        return said

    def vip_holders(self, facts: Mapping[str, HostFacts]) -> dict[str, list[str]]:
        """See `Component.vip_holders`."""
        return {vip: self.vrrp.holders(facts, vip) for vip in self.vrrp.vips}

    def versions(self, facts: Mapping[str, HostFacts]) -> dict[str, set[str]]:
        """See `Component.versions`."""
        found = [wsrep for host in self.nodes if (wsrep := facts[host].part(Wsrep)) and not wsrep.error]
        return {
            "MariaDB": {wsrep.variables.get("version", "") for wsrep in found},
            "Galera": {wsrep.text("provider_version") for wsrep in found},
        }

    # Drift.

    def deliveries(self) -> tuple[Delivery, ...]:
        """See `Component.deliveries`. The reference node first: no client is on it; the VIP's first holder last."""
        priorities = self.vrrp.priorities
        hosts = tuple(sorted(self.nodes, key=lambda host: (host != self.reference, priorities.get(host, 0))))
        words = NOTICES["galera"].words
        command = "galera-roll --recorded"
        found = [Delivery(owner_set="galera", hosts=hosts, command=command, patience=PATIENCE, words=words)]
        if self.arbitrator:
            words = NOTICES["arbitrator"].words
            command = "arbitrator-up --recorded"
            own = (self.arbitrator,)
            found.append(Delivery(owner_set="arbitrator", hosts=own, command=command, patience=VOTES, words=words))
        if priorities:
            hosts = tuple(sorted(priorities, key=lambda host: priorities[host]))
            command, words = "watched-vip-up --recorded", NOTICES["vip"].words
            found.append(Delivery(owner_set="vip", hosts=hosts, command=command, patience=VOTES, words=words))
        return tuple(found)

    def unfinished(self, host: str) -> tuple[tuple[str, str], ...]:
        """See `Component.unfinished`."""
        return (("galera", drain.ROLL_IS_OPEN),) if host in self.nodes else ()

    # Drills and ledgers.

    @property
    def service(self) -> Service:
        """See `Component.service`."""
        return mariadb.SERVICE

    def ledger_nodes(self) -> LedgerNodes:
        """See `Component.ledger_nodes`."""
        return LedgerNodes(nodes=tuple(sorted(self.nodes, key=lambda host: host not in self.serving)), applied=APPLIED)

    def targets(self, fault: FaultKind) -> tuple[str, ...]:
        """See `Component.targets`: behind directors theirs are the faults."""
        if not self.vrrp.vips:
            return ()
        if fault.role == ARBITRATOR:
            return (self.arbitrator,) if self.arbitrator else ()
        return tuple(self.vrrp.priorities)

    def first_target(self, fault: FaultKind, facts: Mapping[str, HostFacts]) -> str | None:
        """See `Component.first_target`: the node that holds the VIP, or the arbitrator."""
        if fault.role == ARBITRATOR:
            return self.arbitrator
        held = [host for vip in self.vrrp.vips for host in self.vrrp.holders(facts, vip)]
        return held[0] if held else None

    def stopped(self, fault: FaultKind) -> Service | None:
        """See `Component.stopped`."""
        return ARBITRATOR_SERVICE if fault.role == ARBITRATOR else mariadb.SERVICE

    def pause(self, fault: FaultKind, host: str) -> float:
        """See `Component.pause`."""
        return MARGIN

    def not_healed(self, facts: Mapping[str, HostFacts]) -> str:
        """See `Component.not_healed`: the VIP is back where preemption wants it."""
        return self.vrrp.not_healed(facts)

    def up_script(self, host: str) -> str:
        """See `Component.up_script`: its agent takes clients; the arbitrator runs."""
        if host == self.arbitrator:
            return f"systemctl is-active --quiet {ARBITRATOR_UNIT.name}"
        return agent.serves_script(self.host(host).address, self.agent_port)


def _figure_cell(wsrep: Wsrep | None, name: str) -> str:
    return escape(short(wsrep.text(name))) if wsrep and not wsrep.error else "[red]–[/]"
