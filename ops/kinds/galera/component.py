"""A Galera cluster, as `hactl` sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from ops.component import Component, Delivery, LedgerNodes, Service, Unit
from ops.hosts.facts import HostFacts
from ops.hosts.shell import Shell
from ops.inventory import ComponentEntry, Inventory, Model
from ops.kinds.galera.figures import GROUPS, grouped, short
from ops.kinds.galera.findings import cluster_findings, node_findings
from ops.kinds.galera.tables import ask_tables
from ops.kinds.galera.wsrep import Wsrep, parse_wsrep
from ops.roles import agent, drain, mariadb
from ops.roles.real_server import DirectRouting, real_server_cell
from ops.status.cells import clock_cell, unreached_cell
from ops.status.finding import Finding

#: Patience for one node that takes its files, in seconds: it may fetch all data anew; galera-roll itself gives up after
#: 21,000.
PATIENCE = 23_000.0
#: A node that has been asked has applied all that was committed before.
APPLIED = "SET SESSION wsrep_sync_wait=15;"


class Details(Model):
    """What the outputs say of the cluster."""

    nodes: tuple[str, ...]
    serving: tuple[str, ...]
    size: int
    reference_node: str | None = None
    agent_port: int = 9200


class Galera(Component):
    """See the module."""

    def __init__(self, name: str, entry: ComponentEntry, inventory: Inventory, behind: Component | None = None) -> None:
        super().__init__(name, entry, inventory, behind)
        details = self.details(Details)
        self.size, self.agent_port, self.reference = details.size, details.agent_port, details.reference_node
        self.serving = details.serving
        #: In the inventory's order.
        self.nodes = tuple(host for host in inventory.hosts if host in details.nodes)

    # Status.

    def units(self, host: str) -> tuple[Unit, ...]:
        """See `Component.units`."""
        return (mariadb.UNIT, agent.UNIT) if host in self.nodes else ()

    def parse(self, host: str, said: Mapping[str, Any]) -> Iterable[object]:
        """See `Component.parse`."""
        found = (parse_wsrep(said), mariadb.parse_server(said), agent.parse_agent(said))
        return [part for part in found if part is not None]

    def lost(self, host: str) -> str:
        """See `Component.lost`."""
        return "a Galera node is out of sight" if host in self.nodes else ""

    def findings(self, facts: Mapping[str, HostFacts]) -> list[Finding]:
        """See `Component.findings`."""
        running = {host: facts[host].part(Wsrep) for host in self.nodes if facts[host].active(self.service.unit)}
        return cluster_findings({host: wsrep for host, wsrep in running.items() if wsrep is not None})

    def host_findings(self, host: str, facts: HostFacts) -> list[Finding]:
        """See `Component.host_findings`."""
        server = facts.part(mariadb.Server) or mariadb.Server()
        found = mariadb.server_findings(host, facts)
        if facts.draining is not None:
            found.append(drain.drain_finding(host, facts.draining, rolling=server.rolling))
        wsrep = facts.part(Wsrep)
        if wsrep is None or not facts.active(self.service.unit):
            return found
        return found + node_findings(
            host,
            wsrep,
            facts.part(agent.Agent),
            size=self.size,
            serves=host in self.serving,
            draining=facts.draining is not None,
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
            ("", "real server", lambda mine: real_server_cell(mine.part(DirectRouting))),
            ("", "clock", clock_cell),
        ):
            cells = [cell(facts[host]) if facts[host].reached else unreached_cell(facts[host]) for host in self.nodes]
            table.add_row(group, label, *cells)
        yield table

    def host_json(self, host: str, facts: HostFacts) -> dict[str, Any]:
        """See `Component.host_json`."""
        said: dict[str, Any] = {}
        if wsrep := facts.part(Wsrep):
            said["wsrep"] = {"error": wsrep.error} if wsrep.error else grouped(wsrep)
        if found := facts.part(agent.Agent):
            said["agent"] = asdict(found)
        return said

    def versions(self, facts: Mapping[str, HostFacts]) -> dict[str, set[str]]:
        """See `Component.versions`."""
        found = [wsrep for host in self.nodes if (wsrep := facts[host].part(Wsrep)) and not wsrep.error]
        return {
            "MariaDB": {wsrep.variables.get("version", "") for wsrep in found},
            "Galera": {wsrep.text("provider_version") for wsrep in found},
        }

    # Drift.

    def deliveries(self) -> tuple[Delivery, ...]:
        """See `Component.deliveries`. The reference node first: no client is on it."""
        hosts = tuple(sorted(self.nodes, key=lambda host: host != self.reference))
        words = "nodes are drained and restarted one after the other where it is needed"
        command = "galera-roll --recorded"
        return (Delivery(owner_set="galera", hosts=hosts, command=command, patience=PATIENCE, words=words),)

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

    def up_script(self, host: str) -> str:
        """See `Component.up_script`: its agent takes clients."""
        return agent.serves_script(self.host(host).address, self.agent_port)


def _figure_cell(wsrep: Wsrep | None, name: str) -> str:
    return escape(short(wsrep.text(name))) if wsrep and not wsrep.error else "[red]–[/]"
