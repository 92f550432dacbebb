"""A DRBD pair, as `hactl` sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from ops.component import (
    Caution,
    Component,
    Delivery,
    FaultKind,
    Handover,
    LedgerNodes,
    Parting,
    Resolution,
    Scripted,
    Service,
    Unit,
    Verification,
)
from ops.errors import Exit, OpsError
from ops.hosts.facts import HostFacts
from ops.inventory import ComponentEntry, Inventory, Model
from ops.kinds.drbd import cells
from ops.kinds.drbd.changes import NOTICES, cautions
from ops.kinds.drbd.device import Device, parse_device
from ops.kinds.drbd.drills import (
    DISK_ERROR,
    FAULTS,
    LINK_CUT,
    PRIMARY_STOP,
    SECONDARY_KILL,
    SPLIT_BRAIN,
    SWITCHOVER,
    disk_error,
    link_cut,
    parting,
    primary_stop,
    split,
    switchover,
)
from ops.kinds.drbd.findings import RESOLVE, device_findings, two_primaries, vip_findings
from ops.kinds.drbd.resolving import resolving
from ops.paths import PROGRAMS
from ops.roles import agent, drain, mariadb, vrrp
from ops.roles.promoter import (
    IPMI,
    PROMOTER,
    Promoter,
    eligible_cell,
    parse_promoter,
    planned_handover,
    promoter_findings,
)
from ops.status.cells import clock_cell, unreached_cell
from ops.status.finding import Finding

DEVICE = Unit(
    name="mariadb-ha-drbd",
    follows="the device is not attached: this host has no copy that is kept up to date",
    todo="systemctl start mariadb-ha-drbd, and journalctl -u mariadb-ha-drbd for why it failed",
)
#: Patience for one host that takes its files, in seconds; pause until both promoters have settled.
PATIENCE, MARGIN = 3_600.0, 3.0


class Details(Model):
    """What the outputs say of the pair."""

    members: tuple[str, ...]
    vips: tuple[str, ...]
    agent_port: int = 9200
    drbd_port: int = 7789
    minor: int = 0
    mariadb: bool = True
    mount_point: str = "/var/lib/mysql"
    fencing_agent: str | None = None
    preempt: bool = False
    split_brain_drill: bool = False
    verify_alg: str | None = "crc32c"


class Drbd(Component):
    """See the module."""

    faults = FAULTS
    notices = NOTICES

    @classmethod
    def cautions(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Caution]:
        """See `Component.cautions`."""
        return cautions(before, after)

    def __init__(self, name: str, entry: ComponentEntry, inventory: Inventory, behind: Component | None = None) -> None:
        super().__init__(name, entry, inventory, behind)
        self.details_ = self.details(Details)
        self.members, self.vips = self.details_.members, self.details_.vips

    def peer(self, host: str) -> str:
        """The other host; `nobody` where it is declared lost."""
        return next((each for each in self.members if each != host), "nobody")

    # Status.

    def units(self, host: str) -> tuple[Unit, ...]:
        """See `Component.units`. MariaDB runs on one host alone: its promoter says whether it should."""
        return (DEVICE, agent.UNIT, vrrp.UNIT, PROMOTER) if host in self.members else ()

    def parse(self, host: str, said: Mapping[str, Any]) -> Iterable[object]:
        """See `Component.parse`."""
        found = (parse_device(said), parse_promoter(said), mariadb.parse_server(said), agent.parse_agent(said))
        return [part for part in found if part is not None]

    def lost(self, host: str) -> str:
        """See `Component.lost`."""
        return "the data is on one host alone" if host in self.members else ""

    def devices(self, facts: Mapping[str, HostFacts]) -> dict[str, Device]:
        """The devices of hosts that were reached."""
        return {host: device for host in self.members if (device := facts[host].part(Device))}

    def promoters(self, facts: Mapping[str, HostFacts]) -> dict[str, Promoter]:
        """What the promoters of hosts that were reached say."""
        return {host: said for host in self.members if (said := facts[host].part(Promoter))}

    def findings(self, facts: Mapping[str, HostFacts]) -> list[Finding]:
        """See `Component.findings`."""
        known = not any(facts[host].unknown for host in self.members)
        found = two_primaries(self.devices(facts))
        for vip, held in self.vip_holders(facts).items():
            found += vip_findings(vip, held, all_known=known)
        return found

    def host_findings(self, host: str, facts: HostFacts) -> list[Finding]:
        """See `Component.host_findings`."""
        if host not in self.members:
            return []
        # MariaDB runs where the promoter has it, and its unit is none that must be active on both.
        found = agent.room_findings(host, facts.part(agent.Agent)) + mariadb.server_findings(host, facts)
        if facts.draining is not None:
            found.append(drain.drain_finding(host, facts.draining, rolling=False))
        if device := facts.part(Device):
            found += device_findings(host, device, peer=self.peer(host)) if len(self.members) > 1 else []
        if said := facts.part(Promoter):
            split = device is not None and device.connection == "StandAlone"
            said = replace(said, needs_person=said.needs_person or split)
            found += promoter_findings(host, said, person=RESOLVE)
        return found

    def report(self, facts: Mapping[str, HostFacts]) -> Iterable[RenderableType]:
        """See `Component.report`."""
        table = Table("figure", *self.members, title=self.title("DRBD"), title_justify="left")
        rows = {
            "serves": lambda mine: cells.serves(mine.part(Promoter)),
            "VIP": lambda mine: " ".join(vip for vip in self.vips if mine.holds(vip)) or "–",
            "may hold it": lambda mine: eligible_cell(mine.part(Promoter)),
            "role": lambda mine: cells.told(mine.part(Device), "role"),
            "connection": lambda mine: cells.connection(mine.part(Device)),
            "disk": lambda mine: cells.disk(mine.part(Device)),
            "resync": lambda mine: cells.resync(mine.part(Device)),
            "out of sync": lambda mine: cells.out_of_sync(mine.part(Device)),
            "verified": lambda mine: cells.verified(mine.part(Device)),
            "mounted": lambda mine: cells.mounted(mine.part(Device)),
            "connections": lambda mine: agent.room_cell(mine.part(agent.Agent)),
            "agent": lambda mine: agent.agent_cell(mine.part(agent.Agent)),
            "clock": clock_cell,
        }
        for label, cell in rows.items():
            row = [cell(facts[host]) if facts[host].reached else unreached_cell(facts[host]) for host in self.members]
            table.add_row(label, *row)
        yield table

    def host_json(self, host: str, facts: HostFacts) -> dict[str, Any]:
        """See `Component.host_json`."""
        said: dict[str, Any] = {}
        if device := facts.part(Device):
            said["drbd"] = asdict(device)
        if promoter := facts.part(Promoter):
            said["promoter"] = asdict(promoter)
        if found := facts.part(agent.Agent):
            said["agent"] = asdict(found)
        return said

    def vip_holders(self, facts: Mapping[str, HostFacts]) -> dict[str, list[str]]:
        """See `Component.vip_holders`."""
        return {
            vip: [host for host in self.members if facts[host].reached and facts[host].holds(vip)] for vip in self.vips
        }

    def versions(self, facts: Mapping[str, HostFacts]) -> dict[str, set[str]]:
        """See `Component.versions`."""
        return {"DRBD": {device.version for device in self.devices(facts).values() if device.version}}

    # Drift.

    def deliveries(self) -> tuple[Delivery, ...]:
        """See `Component.deliveries`."""
        hosts = tuple(reversed(self.members))
        words = NOTICES["drbd"].words
        return (
            Delivery(owner_set="drbd", hosts=hosts, command="drbd-up --recorded", patience=PATIENCE, words=words),
            Delivery(
                owner_set="vip",
                hosts=hosts,
                command="vip-up --recorded",
                patience=PATIENCE,
                words=NOTICES["vip"].words,
            ),
        )

    def verification(self, facts: Mapping[str, HostFacts]) -> Verification:
        """See `Component.verification`: the Primary has it done, or the first where none is."""
        if self.details_.verify_alg is None:
            words = f"{self.name} has no verify_alg: its disks are never compared"
            raise OpsError(words, f"set {self.name}.verify_alg, and `up`", Exit.REFUSED)
        devices = self.devices(facts)
        missing = [host for host in self.members if host not in devices or not devices[host].there]
        if missing or len(self.members) < 2:
            words = f"nothing is compared: the device of {' and '.join(missing) or 'the lost host'} could not be seen"
            raise OpsError(words, "bring it back first; see `hactl status`", Exit.UNHEALTHY)
        source = next((host for host in self.members if devices[host].connection == "VerifyS"), None)
        primary = next((host for host in self.members if devices[host].role == "Primary"), self.members[0])
        return Verification(host=source or primary, script=f"exec {PROGRAMS}/drbd-verify </dev/null\n")

    # Planned changes.

    def handover(self, facts: Mapping[str, HostFacts], to: str | None) -> Handover | None:
        """See `Component.handover`. Whether the other disk is whole the program on the giver looks at."""
        priorities = {host: self.host(host).priority for host in self.members}
        return planned_handover(self.name, priorities, self.promoters(facts), to=to, preempt=self.details_.preempt)

    # Data that went apart.

    def went_apart(self, facts: Mapping[str, HostFacts]) -> bool:
        """See `Component.went_apart`: DRBD has compared the two, and let go."""
        return any(device.connection == "StandAlone" for device in self.devices(facts).values())

    def resolution(self, discard: str, facts: Mapping[str, HostFacts]) -> Resolution | None:
        """See `Component.resolution`. The host is taken out of service, saved, and connected as the one that gives up
        its data; the other one is only connected.
        """
        keep = self.peer(discard)
        return resolving(self.name, self.devices(facts), discard=discard, keep=keep, minor=self.details_.minor)

    # Drills and ledgers.

    @property
    def service(self) -> Service | None:
        """See `Component.service`."""
        return mariadb.SERVICE if self.details_.mariadb else None

    def ledger_nodes(self) -> LedgerNodes | None:
        """See `Component.ledger_nodes`: MariaDB answers on the host that has the data, and on no other."""
        return LedgerNodes(nodes=self.members, one_copy=True) if self.details_.mariadb else None

    def targets(self, fault: FaultKind) -> tuple[str, ...]:
        """See `Component.targets`."""
        return self.members

    def first_target(self, fault: FaultKind, facts: Mapping[str, HostFacts]) -> str | None:
        """See `Component.first_target`."""
        primary = next((host for host, said in self.promoters(facts).items() if said.active), None)
        return primary if primary is None or fault.role == "primary" else self.peer(primary)

    def stopped(self, fault: FaultKind) -> Service | None:
        """See `Component.stopped`."""
        return mariadb.SERVICE if fault == PRIMARY_STOP else None

    def scripted(self, fault: FaultKind, host: str) -> Scripted | None:
        """See `Component.scripted`."""
        if fault == SWITCHOVER:
            return switchover(host)
        if fault == LINK_CUT:
            return link_cut(host, port=self.details_.drbd_port)
        if fault == SPLIT_BRAIN and len(self.members) == 2:
            peer = self.peer(host)
            return split(host, peer=peer, address=self.host(peer).address)
        if fault == DISK_ERROR:
            return disk_error(host, name=self.name)
        return primary_stop(host) if fault == PRIMARY_STOP else None

    def controller(self, host: str) -> str | None:
        """See `Component.controller`."""
        return self.peer(host) if host in self.members and self.details_.fencing_agent == IPMI else None

    def parting(self, fault: FaultKind) -> Parting | None:
        """See `Component.parting`."""
        if len(self.members) < 2 or fault != SPLIT_BRAIN:
            return None
        said = self.details_
        one, two = self.members
        return parting((one, two), mount_point=said.mount_point, mariadb=said.mariadb)

    @property
    def may_split(self) -> bool:
        """See `Component.may_split`."""
        return self.details_.split_brain_drill

    def up_script(self, host: str) -> str:
        """See `Component.up_script`: the disk is attached and whole."""
        return "grep -qE 'ds:UpToDate/' /proc/drbd"

    def pause(self, fault: FaultKind, host: str) -> float:
        """See `Component.pause`."""
        return MARGIN if fault != SECONDARY_KILL else MARGIN / 3
