"""Replicas, as `hactl` sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from ops.component import Caution, Component, Delivery, FaultKind, LedgerNodes, Service, Unit
from ops.hosts.facts import HostFacts
from ops.inventory import ComponentEntry, Inventory, Model
from ops.kinds.replicas.changes import NOTICES, cautions
from ops.kinds.replicas.drills import FAULTS
from ops.kinds.replicas.findings import not_fit, other_source, writable
from ops.roles import agent, drain, mariadb
from ops.roles.replication import Replication, parse_replication, server_findings
from ops.status.cells import clock_cell, unreached_cell
from ops.status.finding import Finding

#: Patience for one replica that takes its files, in seconds; pause until the balancers' checks have seen it.
PATIENCE, MARGIN = 3_600.0, 5.0


class Details(Model):
    """What the outputs say of the replicas. `max_lag_s` in seconds."""

    replicas: tuple[str, ...]
    source_vip: str
    max_lag_s: float
    agent_port: int = 9200


class Replicas(Component):
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
        self.replicas, self.vip, self.max_lag = details.replicas, details.source_vip, details.max_lag_s
        self.agent_port = details.agent_port

    # Status.

    def units(self, host: str) -> tuple[Unit, ...]:
        """See `Component.units`."""
        return (mariadb.UNIT, agent.UNIT) if host in self.replicas else ()

    def parse(self, host: str, said: Mapping[str, Any]) -> Iterable[object]:
        """See `Component.parse`."""
        if host not in self.replicas:
            return ()
        found = (parse_replication(said.get("replica")), mariadb.parse_server(said), agent.parse_agent(said))
        return [part for part in found if part is not None]

    def lost(self, host: str) -> str:
        """See `Component.lost`."""
        return "one replica less takes reads" if host in self.replicas else ""

    def host_findings(self, host: str, facts: HostFacts) -> list[Finding]:
        """See `Component.host_findings`."""
        if host not in self.replicas:
            return []
        server = facts.part(mariadb.Server) or mariadb.Server()
        found = mariadb.server_findings(host, facts)
        if facts.draining is not None:
            found.append(drain.drain_finding(host, facts.draining, rolling=server.rolling))
        if not facts.active(mariadb.SERVICE.unit):
            return found
        wrong = False
        if seen := facts.part(Replication):
            replication = server_findings(host, seen, peer=self.vip)
            wrong = bool(replication)
            found += [*replication, *writable(host, seen), *other_source(host, seen, self.vip)]
        if (said := facts.part(agent.Agent)) and not wrong:
            found += not_fit(host, said, draining=facts.draining is not None)
        return found

    def report(self, facts: Mapping[str, HostFacts]) -> Iterable[RenderableType]:
        """See `Component.report`."""
        title = self.title(f"Replicas of {self.entry.follows}")
        table = Table(
            "replica", "state", "lag", "GTID", "connections", "agent", "clock", title=title, title_justify="left"
        )
        for host in self.replicas:
            mine = facts[host]
            if not mine.reached:
                table.add_row(host, unreached_cell(mine), *"?" * 5)
                continue
            seen = mine.part(Replication)
            table.add_row(
                host,
                _state(seen, mine.part(agent.Agent), draining=mine.draining is not None),
                _lag(seen),
                escape(seen.gtid) if seen else "–",
                agent.room_cell(mine.part(agent.Agent)),
                agent.agent_cell(mine.part(agent.Agent)),
                clock_cell(mine),
            )
        yield table

    def host_json(self, host: str, facts: HostFacts) -> dict[str, Any]:
        """See `Component.host_json`."""
        if host not in self.replicas:
            return {}
        said: dict[str, Any] = {}
        if seen := facts.part(Replication):
            said["replication"] = asdict(seen)
        if found := facts.part(agent.Agent):
            said["agent"] = asdict(found)
        return said

    def versions(self, facts: Mapping[str, HostFacts]) -> dict[str, set[str]]:
        """See `Component.versions`."""
        found = [seen for host in self.replicas if (seen := facts[host].part(Replication)) and not seen.error]
        return {"MariaDB": {seen.version for seen in found}}

    # Drift.

    def deliveries(self) -> tuple[Delivery, ...]:
        """See `Component.deliveries`."""
        words = NOTICES["replica"].words
        up = "replica-up --recorded"
        return (Delivery(owner_set="replica", hosts=self.replicas, command=up, patience=PATIENCE, words=words),)

    # Drills and ledgers.

    @property
    def service(self) -> Service:
        """See `Component.service`."""
        return mariadb.SERVICE

    def ledger_nodes(self) -> LedgerNodes | None:
        """See `Component.ledger_nodes`: the servers that are followed, and the replicas after them."""
        source = self.behind.ledger_nodes() if self.behind else None
        if source is None:
            return None
        return LedgerNodes(nodes=(*source.nodes, *self.replicas), applied=source.applied, guard=source.guard)

    def targets(self, fault: FaultKind) -> tuple[str, ...]:
        """See `Component.targets`."""
        return self.replicas

    def first_target(self, fault: FaultKind, facts: Mapping[str, HostFacts]) -> str | None:
        """See `Component.first_target`: the first replica that takes reads."""
        fit = [host for host in self.replicas if (said := facts[host].part(agent.Agent)) and said.status == 200]
        return (fit or list(self.replicas))[0]

    def stopped(self, fault: FaultKind) -> Service | None:
        """See `Component.stopped`."""
        return mariadb.SERVICE

    def up_script(self, host: str) -> str:
        """See `Component.up_script`: its agent says that it takes reads."""
        return agent.serves_script("127.0.0.1", self.agent_port)

    def pause(self, fault: FaultKind, host: str) -> float:
        """See `Component.pause`."""
        return MARGIN


def _state(seen: Replication | None, said: agent.Agent | None, *, draining: bool) -> str:
    """In words."""
    if seen is None or seen.error:
        return "[red]MariaDB does not answer[/]"
    if seen.trouble or not seen.source:
        return "[red]replication has stopped[/]" if seen.source else "[red]follows nobody[/]"
    if draining:
        return "[yellow]draining[/]"
    if seen.sql != "Yes":
        return "[red]applies nothing[/]"
    if seen.io != "Yes":
        return "[yellow]without a connection[/]"
    if said is not None and said.status != 200:
        return "[yellow]full[/]" if said.full and said.drains else "[yellow]catches up[/]"
    return "[green]takes reads[/]"


def _lag(seen: Replication | None) -> str:
    if seen is None or seen.error or seen.behind_s is None:
        return "not known"
    return f"{seen.behind_s} s"
