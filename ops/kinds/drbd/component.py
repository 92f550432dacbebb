"""A DRBD pair, as `hactl` sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from ops.component import Caution, Component, Delivery, FaultKind, LedgerNodes, Resolution, Scripted, Service, Unit
from ops.errors import Exit, OpsError
from ops.hosts.facts import HostFacts
from ops.inventory import ComponentEntry, Inventory, Model
from ops.kinds.drbd.changes import NOTICES, cautions
from ops.kinds.drbd.device import CONNECTIONS, DISKS, Device, parse_device
from ops.kinds.drbd.drills import (
    DISK_ERROR,
    FAULTS,
    LINK_CUT,
    PRIMARY_STOP,
    SECONDARY_KILL,
    SWITCHOVER,
    disk_error,
    link_cut,
    switchover,
)
from ops.kinds.drbd.findings import SPLIT_BRAIN, device_findings, two_primaries, vip_findings
from ops.roles import agent, drain, mariadb, vrrp
from ops.roles.promoter import PROMOTER, Promoter, eligible_cell, parse_promoter, promoter_findings
from ops.status.cells import clock_cell, unreached_cell
from ops.status.finding import Finding

DEVICE = Unit(
    name="mariadb-ha-drbd",
    follows="the device is not attached: this host has no copy that is kept up to date",
    todo="systemctl start mariadb-ha-drbd, and journalctl -u mariadb-ha-drbd for why it failed",
)
#: Patience for one host that takes its files, in seconds; pause until both promoters have settled.
PATIENCE, MARGIN = 3_600.0, 3.0
PROGRAMS = "/usr/local/lib/mariadb-ha"
#: The reason for which a host whose data are discarded is out of service meanwhile.
RESOLVING = "hactl split-brain resolve"


class Details(Model):
    """What the outputs say of the pair."""

    members: tuple[str, ...]
    vips: tuple[str, ...]
    agent_port: int = 9200
    drbd_port: int = 7789
    minor: int = 0
    mariadb: bool = True
    mount_point: str = "/var/lib/mysql"


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
        found = mariadb.server_findings(host, facts)
        if facts.draining is not None:
            found.append(drain.drain_finding(host, facts.draining, rolling=False))
        if device := facts.part(Device):
            found += device_findings(host, device, peer=self.peer(host)) if len(self.members) > 1 else []
        if said := facts.part(Promoter):
            split = device is not None and device.connection == "StandAlone"
            said = replace(said, needs_person=said.needs_person or split)
            found += promoter_findings(host, said, person=SPLIT_BRAIN)
        return found

    def report(self, facts: Mapping[str, HostFacts]) -> Iterable[RenderableType]:
        """See `Component.report`."""
        table = Table("figure", *self.members, title=self.title("DRBD"), title_justify="left")
        rows = {
            "serves": lambda mine: _serves(mine.part(Promoter)),
            "VIP": lambda mine: " ".join(vip for vip in self.vips if mine.holds(vip)) or "–",
            "may hold it": lambda mine: eligible_cell(mine.part(Promoter)),
            "role": lambda mine: _told(mine.part(Device), "role"),
            "connection": lambda mine: _connection(mine.part(Device)),
            "disk": lambda mine: _disk(mine.part(Device)),
            "resync": lambda mine: _resync(mine.part(Device)),
            "out of sync": lambda mine: _out_of_sync(mine.part(Device)),
            "mounted": lambda mine: _mounted(mine.part(Device)),
            "agent": lambda mine: agent.agent_cell(mine.part(agent.Agent)),
            "clock": clock_cell,
        }
        for label, cell in rows.items():
            cells = [cell(facts[host]) if facts[host].reached else unreached_cell(facts[host]) for host in self.members]
            table.add_row(label, *cells)
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

    # Data that went apart.

    def resolution(self, discard: str, facts: Mapping[str, HostFacts]) -> Resolution | None:
        """See `Component.resolution`. The host is taken out of service, saved, and connected as the one that gives up
        its data; the other one is only connected.
        """
        keep = self.peer(discard)
        devices = self.devices(facts)
        missing = [host for host in self.members if host not in devices or not devices[host].there]
        if missing:
            words = f"the device of {' and '.join(missing)} could not be seen: nothing is discarded"
            raise OpsError(words, "bring it back first; see `hactl status`", Exit.UNHEALTHY)
        wait = (discard, f"exec {PROGRAMS}/drbd-form </dev/null\n")
        end = (discard, f"grep -qs '^{RESOLVING}' {drain.FLAG} && rm -f {drain.FLAG}; true\n")
        mine, theirs = devices[discard], devices[keep]
        standalone = f"grep -q '^ *{self.details_.minor}: cs:StandAlone' /proc/drbd"
        if "StandAlone" not in (mine.connection, theirs.connection):
            if mine.connection == theirs.connection == "WFConnection":
                words = f"{discard} and {keep} look for each other: whether their data differ is not known"
                raise OpsError(words, "mend the link between them first; DRBD then finds out", Exit.REFUSED)
            return Resolution(question=f"{discard} and {keep} speak with each other: wait?", commands=(wait, end))
        if theirs.disk not in ("UpToDate", "Consistent"):
            words = f"the data of {keep} are not whole ({theirs.disk}): those of {discard} are not discarded for them"
            raise OpsError(words, f"discard {keep} instead", Exit.REFUSED)
        return Resolution(
            question=f"Discard what {discard} wrote alone ({mine.out_of_sync_kib} KiB of blocks) and keep what {keep}"
            f" wrote ({theirs.out_of_sync_kib} KiB)?",
            commands=(
                (discard, f"[ -e {drain.FLAG} ] || echo '{RESOLVING}' >{drain.FLAG}\n"),
                (discard, f"exec {PROGRAMS}/drbd-discard </dev/null\n"),
                (keep, f"{standalone} || exit 0; drbdadm connect {self.name}\n"),
                wait,
                end,
            ),
        )

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
        if fault == DISK_ERROR:
            return disk_error(host, name=self.name)
        # MariaDB on the host that lost the VIP stays stopped: there is nothing to start again.
        if fault == PRIMARY_STOP:
            return Scripted(
                words=f"mariadb on {host} stopped",
                by_hand=f"nothing: {host} stands by by itself",
                inject="systemctl stop mariadb",
                repair="true",
            )
        return None

    def up_script(self, host: str) -> str:
        """See `Component.up_script`: the disk is attached and whole."""
        return "grep -qE 'ds:UpToDate/' /proc/drbd"

    def pause(self, fault: FaultKind, host: str) -> float:
        """See `Component.pause`."""
        return MARGIN if fault != SECONDARY_KILL else MARGIN / 3


def _serves(said: Promoter | None) -> str:
    if said is None or not said.heard:
        return "[red]–[/]"
    return {True: "[green]yes[/]", False: "no", None: f"[yellow]in between[/]: {escape(said.why)}"}[said.active]


def _told(device: Device | None, name: str) -> str:
    return escape(getattr(device, name)) if device and device.there else "[red]–[/]"


def _connection(device: Device | None) -> str:
    if not device or not device.there:
        return "[red]–[/]"
    words = f"{device.connection}: {CONNECTIONS.get(device.connection, 'see drbdsetup-8.4(8)')}"
    return f"[green]{words}[/]" if device.connection == "Connected" else f"[red]{words}[/]"


def _disk(device: Device | None) -> str:
    if not device or not device.there:
        return "[red]–[/]"
    words = f"{device.disk}: {DISKS.get(device.disk, 'see drbdsetup-8.4(8)')}"
    return f"[green]{words}[/]" if device.disk == "UpToDate" else f"[red]{words}[/]"


def _resync(device: Device | None) -> str:
    return (device.progress() or "begins") if device and (device.syncing or device.percent is not None) else "–"


def _out_of_sync(device: Device | None) -> str:
    return f"{device.out_of_sync_kib} KiB" if device and device.there else "–"


def _mounted(device: Device | None) -> str:
    return "yes" if device and device.mounted else "no"
