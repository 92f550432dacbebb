"""A master-master pair, as `hactl` sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from ops.component import (
    Caution,
    Component,
    Delivery,
    FaultKind,
    Handover,
    LedgerNodes,
    Rejoining,
    Scripted,
    Service,
    Unit,
)
from ops.hosts.facts import HostFacts
from ops.inventory import ComponentEntry, Inventory, Model
from ops.kinds.master_master.changes import NOTICES, cautions
from ops.kinds.master_master.drills import FAULTS, LINK_CUT, WRITER_HANG, cut, hang
from ops.kinds.master_master.findings import (
    clone_findings,
    routed_elsewhere,
    surplus_findings,
    two_writers,
    unconfirmed,
)
from ops.kinds.master_master.rejoining import rejoining
from ops.roles import agent, drain, mariadb, vrrp
from ops.roles.promoter import (
    IPMI,
    PROMOTER,
    Promoter,
    eligible_cell,
    parse_promoter,
    planned_handover,
    promoter_findings,
    serving,
)
from ops.roles.replication import Replication, parse_replication, server_findings
from ops.status.cells import clock_cell, unreached_cell
from ops.status.finding import Finding

WATCH = Unit(
    name="mariadb-ha-master-watch",
    follows="after its next start this server stays read-only, and a silent replica holds up writes",
    todo="systemctl start mariadb-ha-master-watch, and journalctl -u mariadb-ha-master-watch for why it ended",
)
#: Root may write on a replica too, and would part its history from the writer's.
WRITER_ONLY = """DELIMITER //
BEGIN NOT ATOMIC
  IF @@GLOBAL.read_only THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this server takes no writes'; END IF;
END//
DELIMITER ;
"""
#: Behind directors: nor may anybody write where clients are not (master-watch lays the file).
ROUTED_ONLY = """DELIMITER //
BEGIN NOT ATOMIC
  IF @@GLOBAL.read_only THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this server takes no writes'; END IF;
  IF LOAD_FILE('/run/mariadb-ha/master.stands-by') IS NOT NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'clients are at the other server';
  END IF;
END//
DELIMITER ;
"""
#: Patience for one server that takes its files, in seconds; pause until both promoters have settled.
PATIENCE, MARGIN = 3_600.0, 3.0


class Details(Model):
    """What the outputs say of the pair."""

    masters: tuple[str, ...]
    vips: tuple[str, ...] = ()
    agent_port: int = 9200
    preempt: bool = False
    fencing: bool = False
    fencing_agent: str | None = None


class MasterMaster(Component):
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
        self.masters, self.vips, self.agent_port = details.masters, details.vips, details.agent_port
        self.preempt, self.fencing, self.fencing_agent = details.preempt, details.fencing, details.fencing_agent

    def peer(self, host: str) -> str:
        """The other server; `nobody` where it is declared lost."""
        return next((each for each in self.masters if each != host), "nobody")

    # Status.

    def units(self, host: str) -> tuple[Unit, ...]:
        """See `Component.units`."""
        if host not in self.masters:
            return ()
        return (mariadb.UNIT, agent.UNIT, *((vrrp.UNIT, PROMOTER) if self.vips else (WATCH,)))

    def parse(self, host: str, said: Mapping[str, Any]) -> Iterable[object]:
        """See `Component.parse`."""
        replication = parse_replication(said.get("master"))
        found = (replication, parse_promoter(said), mariadb.parse_server(said), agent.parse_agent(said))
        return [part for part in found if part is not None]

    def lost(self, host: str) -> str:
        """See `Component.lost`."""
        return "the pair has one server left" if host in self.masters else ""

    def promoters(self, facts: Mapping[str, HostFacts]) -> dict[str, Promoter]:
        """What the promoters of hosts that were reached say."""
        return {host: said for host in self.masters if (said := facts[host].part(Promoter))}

    def findings(self, facts: Mapping[str, HostFacts]) -> list[Finding]:
        """See `Component.findings`."""
        found = two_writers(self.promoters(facts))
        for host in self.masters:
            if seen := facts[host].part(Replication):
                theirs = facts[peer].part(Replication) if (peer := self.peer(host)) in facts else None
                found += surplus_findings(host, seen, theirs, peer=peer)
        for vip in self.vips:
            held = [host for host in self.masters if facts[host].reached and facts[host].holds(vip)]
            if len(held) > 1:
                found.append(
                    Finding(
                        host="stack",
                        what=f"{' and '.join(held)} both hold the VIP {vip}",
                        follows="clients reach now one, now the other",
                        todo="let VRRP (IP protocol 112) pass between them",
                    )
                )
            if not held and not any(facts[host].unknown for host in self.masters):
                found.append(
                    Finding(
                        host="stack",
                        what=f"no server holds the VIP {vip}",
                        follows="clients reach nothing",
                        todo="what each server says below is why it may not hold it",
                    )
                )
        return found

    def host_findings(self, host: str, facts: HostFacts) -> list[Finding]:
        """See `Component.host_findings`."""
        if host not in self.masters:
            return []
        server = facts.part(mariadb.Server) or mariadb.Server()
        found = mariadb.server_findings(host, facts)
        if facts.draining is not None:
            found.append(drain.drain_finding(host, facts.draining, rolling=server.rolling))
        if said := facts.part(Promoter):
            found += promoter_findings(host, said)
        seen = facts.part(Replication)
        if seen is not None:
            found += clone_findings(host, seen)
        if seen is not None and facts.active(self.service.unit):
            found += server_findings(host, seen, peer=self.peer(host)) if len(self.masters) > 1 else []
            found += unconfirmed(host, seen)
        said_by_agent = facts.part(agent.Agent)
        if said_by_agent and said_by_agent.status != 200 and not self.vips:
            found += routed_elsewhere(host, said_by_agent, peer=self.peer(host), draining=facts.draining is not None)
        return found

    def report(self, facts: Mapping[str, HostFacts]) -> Iterable[RenderableType]:
        """See `Component.report`."""
        table = Table("figure", *self.masters, title=self.title("Master-master"), title_justify="left")
        rows = {
            "takes writes": lambda mine: _writes(mine.part(Replication)),
            "VIP": lambda mine: " ".join(vip for vip in self.vips if mine.holds(vip)) or "–",
            "may hold it": lambda mine: eligible_cell(mine.part(Promoter)),
            "replicates": lambda mine: _replicates(mine.part(Replication)),
            "GTID": lambda mine: escape(seen.gtid) if (seen := mine.part(Replication)) else "–",
            "writes confirmed": lambda mine: _confirmed(mine.part(Replication)),
            "connections": lambda mine: agent.room_cell(mine.part(agent.Agent)),
            "agent": lambda mine: agent.agent_cell(mine.part(agent.Agent)),
            "clock": clock_cell,
        }
        for label, cell in rows.items():
            if self.vips or label not in ("VIP", "may hold it"):
                cells = [
                    cell(facts[host]) if facts[host].reached else unreached_cell(facts[host]) for host in self.masters
                ]
                table.add_row(label, *cells)
        yield table

    def host_json(self, host: str, facts: HostFacts) -> dict[str, Any]:
        """See `Component.host_json`."""
        said: dict[str, Any] = {}
        if seen := facts.part(Replication):
            said["replication"] = asdict(seen)
        if promoter := facts.part(Promoter):
            said["promoter"] = asdict(promoter)
        if found := facts.part(agent.Agent):
            said["agent"] = asdict(found)
        return said

    def vip_holders(self, facts: Mapping[str, HostFacts]) -> dict[str, list[str]]:
        """See `Component.vip_holders`."""
        return {
            vip: [host for host in self.masters if facts[host].reached and facts[host].holds(vip)] for vip in self.vips
        }

    def versions(self, facts: Mapping[str, HostFacts]) -> dict[str, set[str]]:
        """See `Component.versions`."""
        found = [seen for host in self.masters if (seen := facts[host].part(Replication)) and not seen.error]
        return {"MariaDB": {seen.version for seen in found}}

    # Drift.

    def deliveries(self) -> tuple[Delivery, ...]:
        """See `Component.deliveries`."""
        hosts = tuple(reversed(self.masters))
        words = NOTICES["master"].words
        up = Delivery(owner_set="master", hosts=hosts, command="master-up --recorded", patience=PATIENCE, words=words)
        vip = Delivery(
            owner_set="vip", hosts=hosts, command="vip-up --recorded", patience=PATIENCE, words=NOTICES["vip"].words
        )
        return (up, vip) if self.vips else (up,)

    # Planned changes.

    def writer(self, facts: Mapping[str, HostFacts]) -> str | None:
        """The one server that its promoter says takes writes; None: none, or both."""
        return serving(self.promoters(facts))

    def handover(self, facts: Mapping[str, HostFacts], to: str | None) -> Handover | None:
        """See `Component.handover`."""
        if not self.vips:
            return None
        priorities = {host: self.host(host).priority for host in self.masters}
        return planned_handover(self.name, priorities, self.promoters(facts), to=to, preempt=self.preempt)

    def rejoin(self, host: str, facts: Mapping[str, HostFacts], *, anew: bool, discard: bool) -> Rejoining | None:
        """See `Component.rejoin`."""
        if host not in self.masters:
            return None
        source = self.writer(facts) if self.vips else self.peer(host)
        return rejoining(host, facts, source=source, peer=self.peer(host), anew=anew, discard=discard)

    # Drills and ledgers.

    @property
    def service(self) -> Service:
        """See `Component.service`."""
        return mariadb.SERVICE

    def ledger_nodes(self) -> LedgerNodes:
        """See `Component.ledger_nodes`."""
        return LedgerNodes(nodes=self.masters, guard=WRITER_ONLY if self.vips else ROUTED_ONLY)

    def targets(self, fault: FaultKind) -> tuple[str, ...]:
        """See `Component.targets`."""
        return self.masters if self.vips else ()

    def first_target(self, fault: FaultKind, facts: Mapping[str, HostFacts]) -> str | None:
        """See `Component.first_target`: the server that takes writes, or the other one."""
        writer = self.writer(facts)
        return writer if writer is None or fault.role == "writer" else self.peer(writer)

    def stopped(self, fault: FaultKind) -> Service | None:
        """See `Component.stopped`."""
        return mariadb.SERVICE

    def scripted(self, fault: FaultKind, host: str) -> Scripted | None:
        """See `Component.scripted`."""
        if fault == LINK_CUT:
            peer = self.inventory.hosts[self.peer(host)].address
            port = self.inventory.hosts[host].ssh_port
            return cut(host, peer=peer, vips=self.vips, ssh_port=port, fencing=self.fencing)
        return hang(host) if fault == WRITER_HANG else None

    def controller(self, host: str) -> str | None:
        """See `Component.controller`."""
        return self.peer(host) if host in self.masters and self.fencing_agent == IPMI else None

    def up_script(self, host: str) -> str:
        """See `Component.up_script`: MariaDB answers."""
        return "mariadb-admin --connect-timeout=5 ping >/dev/null 2>&1"

    def pause(self, fault: FaultKind, host: str) -> float:
        """See `Component.pause`."""
        return MARGIN


def _writes(seen: Replication | None) -> str:
    if seen is None or seen.error:
        return "[red]–[/]"
    return "no (read_only)" if seen.read_only else "[green]yes[/]"


def _replicates(seen: Replication | None) -> str:
    if seen is None or seen.error:
        return "[red]–[/]"
    if seen.trouble:
        return f"[red]stopped[/]: {escape(seen.trouble)}"
    return f"{seen.behind_s} s behind" if seen.behind_s is not None else f"IO {seen.io or 'No'}, SQL {seen.sql or 'No'}"


def _confirmed(seen: Replication | None) -> str:
    if seen is None or seen.error or not seen.semi_sync:
        return "–"
    return "[green]yes[/]" if seen.confirms else f"no ({seen.unconfirmed_writes} unconfirmed)"
