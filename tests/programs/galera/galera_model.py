"""A small model of Galera: disks, views, quorum, acknowledged writes. The decisions are the real ones (start_decision).

What it takes from Galera: a write is acknowledged when its node has it on disk, and then all members of the view have
received it, but not yet on disk; when some members die, the others bring all that was received to disk, if they have
quorum; a view is remembered on disk while the node is in it (gvwstate.dat) and forgotten by a stop in order; a zero
UUID stands in grastate.dat during a DDL and a state transfer; a node whose grastate.dat names the cluster catches up
from its own position (IST), any other is replaced (SST).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import node_facts
import start_decision
from galera_decision import Bootstrap, Decision, Join, Recover, Wait
from galera_form import candidate
from node_facts import NO_UUID, Formed

#: A state file as the agent publishes it: UUID, seqno, safe_to_bootstrap.
File = tuple[str, int, int]
BROKEN = "broken"


@dataclass
class Disk:
    """What a host keeps. `log`: the transactions that InnoDB has, in order; None: no data at all."""

    uuid: str = ""
    log: tuple[str, ...] | None = None
    file: File | None = None
    view: tuple[str, frozenset[str]] | None = None
    lets: str = ""
    formed: tuple[Formed, ...] = ()
    joining: bool = False
    broken: bool = False
    """InnoDB cannot read it: a transfer was cut short."""


@dataclass
class Host:
    """A node. `server`: "" (down), "primary", or "waits" (runs, and waits for the members of its last view)."""

    disk: Disk = field(default_factory=Disk)
    on: bool = True
    server: str = ""
    recovered: tuple[str, int] | None = None
    silent: set[str] = field(default_factory=set)


class Cluster:
    """Some hosts, an arbitrator beside an even number of them, and at most one Primary component.

    The arbitrator (`voter`) is a member that has no disk of data; it remembers its last view.
    """

    def __init__(self, names: Iterable[str], voter: str = "") -> None:
        self.order = list(names)
        self.voter = voter
        self.voter_up = bool(voter)
        self.voter_view: tuple[str, frozenset[str]] | None = None
        self.hosts = {name: Host() for name in self.order}
        self.numbers = itertools.count(1)
        self.acknowledged: set[str] = set()
        #: In which view each was acknowledged.
        self.views: dict[str, str] = {}
        #: Whether somebody put an old view beside the data: then it proves nothing.
        self.old_views = False
        self.cut_links: set[frozenset[str]] = set()
        #: Of the Primary component: members, UUID, and all that was received.
        self.members: set[str] = set()
        self.uuid = ""
        self.log: tuple[str, ...] = ()
        self.view = ""
        self.decided: list[Decision] = []

    def number(self, what: str) -> str:
        return f"{what}{next(self.numbers)}"

    def new_uuid(self) -> str:
        return f"aaaaaaaa-0000-0000-0000-{next(self.numbers):012d}"

    def first_bootstrap(self) -> None:
        """As `up` does it on empty disks."""
        self.members, self.uuid, self.log = set(self.order), self.new_uuid(), (self.number("t"),)
        self.members |= {self.voter} if self.voter else set()
        for host in self.hosts.values():
            host.server, host.disk = "primary", Disk(self.uuid, self.log, (self.uuid, -1, 0))
        self.new_view()

    def new_view(self) -> None:
        """All members know it, and have all that was received before it."""
        self.view = self.number("v")
        view = (self.view, frozenset(self.members))
        for name in self.members:
            if name == self.voter:
                self.voter_view = view
                continue
            disk = self.hosts[name].disk
            disk.view, disk.log, disk.uuid, disk.file = view, self.log, self.uuid, (self.uuid, -1, 0)

    # What happens

    def write(self, name: str) -> None:
        """Acknowledged by this member; the others have received it."""
        if name in self.members and name != self.voter:
            transaction = self.number("t")
            self.log = (*self.log, transaction)
            self.hosts[name].disk.log = self.log
            self.acknowledged.add(transaction)
            self.views[transaction] = self.view

    def apply(self, name: str) -> None:
        """This member brings to disk what it has received."""
        if name in self.members:
            self.hosts[name].disk.log = self.log

    def stop(self, name: str) -> None:
        """Stopped in order."""
        host = self.hosts[name]
        if host.server == "primary":
            self.members.discard(name)
            host.disk.log = self.log
            self.without_data()
            host.disk.view, host.disk.file = None, (self.uuid, len(self.log), int(not self.members))
            self.down(name)
            if self.members:
                self.new_view()
        elif host.server:
            self.down(name)

    def without_data(self) -> None:
        """An arbitrator alone serves nobody."""
        if self.members == {self.voter}:
            self.members = set()

    def voter_on(self) -> None:
        """The arbitrator has power: it joins the Primary component, or waits for the members of its last view."""
        self.voter_up = True
        if self.members and self.voter not in self.members:
            self.members.add(self.voter)
            self.new_view()
        elif not self.members:
            self.form_last_view(decided=False)

    def down(self, name: str) -> None:
        self.hosts[name].server, self.hosts[name].recovered = "", None

    def cut(self, names: Iterable[str], *, ddl: bool) -> None:
        """The power of these is cut at once; `ddl`: while a DDL runs."""
        before = len(self.members)
        for name in names:
            self.members.discard(name)
            if name == self.voter:
                self.voter_up = False
                continue
            host = self.hosts[name]
            if ddl and host.server == "primary":
                host.disk.file = (NO_UUID, -1, 0)
            self.down(name)
            host.on, host.silent = False, set()
        if len(self.members) == before:
            return
        if len(self.members) * 2 > before and self.members != {self.voter}:
            self.new_view()
        else:
            for name in self.members - {self.voter}:
                self.hosts[name].server = "waits"
            self.members = set()

    def lose_disk(self, name: str) -> None:
        """A new disk, while the host is off or its server down; what belongs to the host itself is kept."""
        if not self.hosts[name].server:
            old = self.hosts[name]
            old.disk = Disk(lets=old.disk.lets, formed=old.disk.formed)
            old.recovered = None

    def put_file(self, name: str, file: File | None) -> None:
        """Another state file in the place of the right one."""
        if not self.hosts[name].server:
            self.hosts[name].disk.file = file
            self.hosts[name].recovered = None

    def forget_view(self, name: str) -> None:
        if not self.hosts[name].server:
            self.hosts[name].disk.view = None

    def restore(self, name: str, disk: Disk) -> None:
        """A backup in the place of the data: the data directory's part of a disk."""
        host = self.hosts[name]
        if not host.server:
            host.disk = replace(disk, lets=host.disk.lets, formed=host.disk.formed, joining=host.disk.joining)
            host.recovered = None

    def power_on(self, name: str) -> None:
        host = self.hosts[name]
        if not host.on:
            host.on, host.recovered = True, None

    def give_up(self, name: str) -> None:
        """A server that waits for its last view ends."""
        if self.hosts[name].server == "waits":
            self.down(name)

    def long_time(self) -> None:
        """So long that who has not answered until now counts as gone."""
        for name, host in self.hosts.items():
            if host.on:
                host.silent = {other for other in self.order if not self.sees(name, other)}

    def sees(self, one: str, other: str) -> bool:
        return one == other or (self.hosts[other].on and frozenset((one, other)) not in self.cut_links)

    # What is decided, and what becomes of it

    def state(self, name: str) -> dict[str, Any]:
        """/state of a host that is on."""
        host = self.hosts[name]
        disk, file = host.disk, host.disk.file
        running = host.server == "primary"
        return {
            "data_disk": "present",
            "holds": "nothing" if disk.log is None and not disk.broken else "data",
            "grastate": file and {"uuid": file[0], "seqno": file[1], "safe_to_bootstrap": file[2]},
            "gvw": disk.view and {"view": disk.view[0], "members": len(disk.view[1])},
            "recovered": host.recovered and {"uuid": host.recovered[0], "seqno": host.recovered[1]},
            "joining": disk.joining and file is not None,
            "process": bool(host.server),
            "starting": not host.server,
            "lets": disk.lets,
            "formed": [vars(one) for one in disk.formed],
            "running": running,
            "cluster_status": "Primary" if running else None,
            "local_state": 4 if running else None,
            "cluster_state_uuid": self.uuid if running else None,
            "last_committed": len(self.log) if running else None,
        }

    def look(self, name: str) -> Mapping[str, node_facts.Node | None]:
        return {
            other: node_facts.node_from_state(self.state(other) if self.sees(name, other) else None)
            for other in self.order
        }

    def decide(self, name: str, *, transfer_cut: str = "") -> None:
        """The node's next decision, carried out. `transfer_cut`: its state transfer is cut short, and leaves this
        ("old", "broken", "nothing").
        """
        host = self.hosts[name]
        if not host.on or host.server:
            return
        host.silent = {other for other in host.silent if not self.sees(name, other)}
        found = start_decision.decide(
            name,
            self.look(name),
            self.order,
            self.order[0],
            patient=False,
            silent=host.silent,
            arbitrators=int(bool(self.voter)),
        )
        self.decided.append(found)
        if isinstance(found, Recover):
            host.recovered = self.recover(host.disk)
        elif isinstance(found, Wait) and found.lets:
            now = host.disk.lets
            stands = now if candidate(now) == name else f"{name} {self.number('c')}"
            host.disk.lets = stands if found.lets == name else found.lets
        elif isinstance(found, Join):
            host.disk.formed = (*host.disk.formed, *(one for one in found.formed if one not in host.disk.formed))
            host.disk.joining = True
            self.join(name, transfer_cut)
        elif isinstance(found, Bootstrap):
            self.bootstrap(name, found)

    @staticmethod
    def recover(disk: Disk) -> tuple[str, int]:
        """mariadbd --wsrep-recover."""
        if disk.broken:
            return "", -1
        return (disk.uuid, len(disk.log or ())) if disk.uuid else (NO_UUID, -1)

    def bootstrap(self, name: str, decision: Bootstrap) -> None:
        assert not self.members, f"{name} bootstraps beside a Primary component of {sorted(self.members)}"
        disk = self.hosts[name].disk
        self.must_have_all([name], disk.log or ())
        if decision.without:
            disk.formed = (*disk.formed, Formed(self.number("f"), disk.uuid, len(disk.log or ()), decision.without))
        self.uuid, self.log = disk.uuid, disk.log or ()
        self.enter(name)
        if self.voter_up:
            self.voter_on()

    def must_have_all(self, there: list[str], log: tuple[str, ...], *, decided: bool = True) -> None:
        """The cluster that `there` form with this log lacks nothing that was acknowledged and that a disk in their
        reach has. Without a decision (servers that ran all the time) nobody looks at the data of another cluster.
        """
        for other in self.order:
            if not decided and self.hosts[other].disk.uuid != self.uuid:
                continue
            lost = self.acknowledged & set(self.hosts[other].disk.log or ()) - set(log)
            if self.left_out(other):
                continue  # the cluster has gone on without it: it is refused for good, and keeps what it has
            if not all(self.sees(name, other) for name in there):
                # What a node alone has on its disk is not in reach; but it must not have gone on in a later view.
                lost = {
                    one
                    for one in lost
                    if not self.old_views and one in self.views and not self.remembers(self.views[one])
                }
            assert not lost, f"{there} form the cluster without {sorted(lost)}, which {other} has"

    def left_out(self, name: str) -> bool:
        """Whether the cluster was formed again without this node while it had more on its disk."""
        disk = self.hosts[name].disk
        records = {record for host in self.hosts.values() for record in host.disk.formed} - set(disk.formed)
        return any(name in one.without and one.uuid == disk.uuid and len(disk.log or ()) > one.seqno for one in records)

    def remembers(self, view: str) -> bool:
        """Whether a node that is up has it for its last view."""
        return any(host.on and host.disk.view and host.disk.view[0] == view for host in self.hosts.values())

    def enter(self, name: str) -> None:
        """It is Synced."""
        self.members.add(name)
        host = self.hosts[name]
        host.server, host.recovered, host.disk.lets, host.disk.joining, host.disk.broken = (
            "primary",
            None,
            "",
            False,
            False,
        )
        self.new_view()

    def join(self, name: str, transfer_cut: str) -> None:
        host = self.hosts[name]
        host.recovered = None
        if not any(self.sees(name, member) for member in self.members - {self.voter}):
            host.server = "waits"
            self.form_last_view()
            return
        disk = host.disk
        lost = self.acknowledged & set(disk.log or ()) - set(self.log)
        assert not lost, f"{name} joins, and loses {sorted(lost)}"
        own = (
            disk.log is not None
            and disk.file is not None
            and disk.file[0] == self.uuid == disk.uuid
            and not disk.broken
        )
        if own:
            assert self.log[: len(disk.log or ())] == disk.log, f"{name} catches up from another history"
        elif transfer_cut:
            disk.file = (NO_UUID, -1, 0)
            disk.view = None if transfer_cut != "old" else disk.view
            if transfer_cut != "old":
                disk.log, disk.uuid, disk.broken = None, "", transfer_cut == BROKEN
            self.down(name)
            host.on = False
            return
        self.enter(name)

    def form_last_view(self, *, decided: bool = True) -> None:
        """Servers that wait for the same last view form it when all of it is there (pc.recovery); the one that is
        furthest leads.
        """
        waiting = {name: host for name, host in self.hosts.items() if host.server == "waits"}
        for view in {host.disk.view for host in waiting.values() if host.disk.view}:
            there = [name for name, host in waiting.items() if host.disk.view == view]
            voter = {self.voter} if self.voter_up and self.voter_view == view else set()
            if {*there, *voter} == view[1]:
                assert not self.members, (
                    f"{sorted(there)} form their last view beside a Primary component of {sorted(self.members)}"
                )
                best = max(there, key=lambda name: len(waiting[name].disk.log or ()))
                self.uuid, self.log = waiting[best].disk.uuid, waiting[best].disk.log or ()
                self.must_have_all(there, self.log, decided=decided)
                self.members |= voter
                for name in there:
                    self.enter(name)
                return
