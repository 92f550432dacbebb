"""What every component of a stack is to `hactl`. A kind is a subclass that overrides what it has something to say
to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import ValidationError
from rich.console import RenderableType

from ops.errors import Exit, OpsError
from ops.hosts.facts import HostFacts
from ops.hosts.shell import Shell
from ops.inventory import ComponentEntry, Endpoint, HostEntry, Inventory, Model
from ops.status.finding import Finding

D = TypeVar("D", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit of systemd that must be active (without `.service`); what follows when it is not, and what to do."""

    name: str
    follows: str
    todo: str


@dataclass(frozen=True, kw_only=True)
class FaultKind:
    """What a drill does to one host that carries `role`, which people call a `host_words`. `kills`: it cuts the power;
    else it stops a service in order. `least`: how many hosts must have the role, so that the fault is survived.
    `splits`: two hosts are both written to, apart from each other; to mend it what one of them acknowledged is given
    up, so it takes a word of its own."""

    name: str
    role: str
    host_words: str
    kills: bool
    least: int = 2
    splits: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True)
class Service:
    """A unit that a drill may stop, and what people call it."""

    unit: str
    words: str


@dataclass(frozen=True, kw_only=True)
class LedgerNodes:
    """Where a ledger's rows can be read: the nodes that hold the data, those that serve clients first.

    `applied` is SQL after which a session sees all that was committed before on any node. `guard` is SQL that fails
    on a
    node that must not be changed, though root may: a replica. `one_copy`: the nodes take turns with one copy of the
    data; who has it answers for all.
    """

    nodes: tuple[str, ...]
    applied: str = ""
    guard: str = ""
    one_copy: bool = False


@dataclass(frozen=True, kw_only=True)
class Pages:
    """What clients of a system without SQL ask for: `/` at the endpoint, over HTTPS where it has `tls` (the certificate
    is not looked at).

    `nodes` are the hosts that answer at that port, by address; `alike`: they answer with the same bytes.
    """

    endpoint: Endpoint
    tls: bool
    nodes: Mapping[str, str]
    alike: bool


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A set of files that hosts take one after the other, in this order; `patience` in seconds for each.

    `command` is the program that does it, `words` say what clients may notice.
    """

    owner_set: str
    hosts: tuple[str, ...]
    command: str
    patience: float
    words: str


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What bringing a set of files into force does to those who use a host. `restarts`: what serves them is restarted
    where it has to be; else it is reloaded."""

    words: str
    restarts: bool = False


@dataclass(frozen=True, kw_only=True)
class Caution:
    """What a change of a component's settings does beyond what its files show. `refused`: its hosts refuse it, before
    anything is touched."""

    words: str
    refused: bool = False


@dataclass(frozen=True, kw_only=True)
class Scripted:
    """A fault that bash scripts make and undo on the host, each looking first. The drill arms `undo` on the host before
    `make` runs; `armed`: what it arms instead, where the host by itself has to do it otherwise. `ends_in_power_off`:
    the host may be powered off meanwhile by others (fencing); then its repair is to switch it on."""

    words: str
    by_hand: str
    make: str
    undo: str
    armed: str = ""
    ends_in_power_off: bool = False

    def __post_init__(self) -> None:
        if not self.undo.strip():
            raise ValueError(f"{self.words}: a fault needs a repair that can be armed")


@dataclass(frozen=True, kw_only=True)
class Parting:
    """How two hosts are made to serve apart from each other: bash scripts, each of which looks first.

    `disarm` and `arm`, on both: fencing powers nobody off for a bounded time, and does again. `serves`: ends with 0 on
    a host that serves.
    """

    hosts: tuple[str, str]
    disarm: str
    arm: str
    serves: str


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A planned change of the host that serves. `script`: bash on `giver`, which looks first, refuses in words, and
    may be run again."""

    giver: str
    taker: str
    script: str


@dataclass(frozen=True, kw_only=True)
class Rejoining:
    """How a host takes its place again: commands by host, in order, each of which looks first and may be run again.

    `question`: what the user is asked; `patience`: seconds for each command."""

    question: str
    commands: tuple[tuple[str, str], ...]
    patience: float = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Verification:
    """How two copies are compared while they are in use. `script`: bash on `host`, which says how far it is and what
    differs, and ends with 0 only where nothing does; `patience` in seconds.
    """

    host: str
    script: str
    patience: float = 7 * 86_400.0


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """How two hosts whose data went apart come together again: bash scripts by host, in order, each of which looks
    first and may be run again.

    `question`: what the user is asked; `patience`: seconds for each script.
    """

    question: str
    commands: tuple[tuple[str, str], ...]
    patience: float = 86_400.0


class Component:
    """One component. `behind`: the one that it forwards clients to, or follows."""

    faults: ClassVar[tuple[FaultKind, ...]] = ()
    notices: ClassVar[Mapping[str, Notice]] = {}
    """By set of files what a host's turn with it does."""

    @classmethod
    def cautions(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Caution]:
        """What a change of the component needs a word for. `before`, `after`: what the plan's outputs say of it."""
        return ()

    def __init__(self, name: str, entry: ComponentEntry, inventory: Inventory, behind: Component | None = None) -> None:
        self.name = name
        self.entry = entry
        self.inventory = inventory
        self.behind = behind

    def details(self, model: type[D]) -> D:
        """The outputs of its own kind.

        Raises:
            OpsError: keys that are missing or wrong, each named.
        """
        try:
            return model.model_validate(self.entry.details)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            words = f"what the inventory says of the component {self.name} cannot be used: {wrong}"
            raise OpsError(words, "write it anew with `hactl inventory`", Exit.UNREACHABLE) from None

    def title(self, words: str) -> str:
        """A table's title: with the component's name, where that is not the kind's."""
        return words if self.name == self.entry.kind else f"{words}, {self.name}"

    def host(self, name: str) -> HostEntry:
        """A host of the inventory."""
        return self.inventory.hosts[name]

    # Status.

    def units(self, host: str) -> tuple[Unit, ...]:
        """Units that must be active on a host."""
        return ()

    def parse(self, host: str, said: Mapping[str, Any]) -> Iterable[object]:
        """Facts from what a host's `host-facts` said, each of a type of its own (`HostFacts.part`)."""
        return ()

    def lost(self, host: str) -> str:
        """What follows when the host cannot be reached, in words; empty: nothing that is known."""
        return ""

    def findings(self, facts: Mapping[str, HostFacts]) -> list[Finding]:
        """What is wrong with the component as a whole."""
        return []

    def host_findings(self, host: str, facts: HostFacts) -> list[Finding]:
        """What is wrong with its part on one host that was reached; its units aside."""
        return []

    def closer_look(self, facts: Mapping[str, HostFacts], shell: Shell) -> list[Finding]:
        """What a host has to be asked for once more, because it costs too much to be asked in every round."""
        return []

    def report(self, facts: Mapping[str, HostFacts]) -> Iterable[RenderableType]:
        """Lines and tables of `hactl status`."""
        return ()

    def host_json(self, host: str, facts: HostFacts) -> dict[str, Any]:
        """What `hactl status --json` says of a host that was reached, for this component's sake."""
        return {}

    def vip_holders(self, facts: Mapping[str, HostFacts]) -> dict[str, list[str]]:
        """For each address that moves between hosts the hosts that have it."""
        return {}

    def versions(self, facts: Mapping[str, HostFacts]) -> dict[str, set[str]]:
        """Versions of what it is made of, by name."""
        return {}

    # Drift.

    def deliveries(self) -> tuple[Delivery, ...]:
        """Its sets that are not delivered on all hosts at once, in order."""
        return ()

    def unfinished(self, host: str) -> tuple[tuple[str, str], ...]:
        """(set, bash condition): the condition is true on the host while a delivery of the set is cut short or under
        way."""
        return ()

    # Data that went apart.

    def resolution(self, discard: str, facts: Mapping[str, HostFacts]) -> Resolution | None:
        """How a split is resolved so that the data of the host `discard` are given up; None: its hosts cannot split.

        Raises:
            OpsError: refused, with the reason.
        """
        return None

    def went_apart(self, facts: Mapping[str, HostFacts]) -> bool:
        """Whether its hosts are known to have data that went apart: the time for `resolution`."""
        return False

    def verification(self, facts: Mapping[str, HostFacts]) -> Verification | None:
        """How its copies are compared; None: it has none that could be compared while they are in use.

        Raises:
            OpsError: refused, with the reason.
        """
        return None

    # Planned changes.

    def handover(self, facts: Mapping[str, HostFacts], to: str | None) -> Handover | None:
        """How what it serves goes to another host in order; `to`: which, None: the one that stands by. None: nothing of
        it moves that way.

        Raises:
            OpsError: refused, with the reason; `to` serves already (Exit.GOOD).
        """
        return None

    def rejoin(self, host: str, facts: Mapping[str, HostFacts], *, anew: bool, discard: bool) -> Rejoining | None:
        """How a host that lost its place takes it again. `anew`: as a copy of the one that serves; `discard`: what it
        has of its own no longer counts. None: it has no place here.

        Raises:
            OpsError: refused, with the reason; it has its place (Exit.GOOD).
        """
        return None

    # Drills and ledgers.

    @property
    def service(self) -> Service | None:
        """What serves its clients."""
        return None

    def ledger_nodes(self) -> LedgerNodes | None:
        """Where rows can be read that were written through its endpoint `writer`; None: nowhere."""
        return None

    def pages(self) -> Pages | None:
        """What a drill asks for where there is no ledger: requests are counted instead of writes."""
        return None

    def targets(self, fault: FaultKind) -> tuple[str, ...]:
        """Hosts that one of its `faults` may strike."""
        return ()

    def first_target(self, fault: FaultKind, facts: Mapping[str, HostFacts]) -> str | None:
        """The host to strike where the user names none; None: the one that serves most of the drill's sessions."""
        return None

    def stopped(self, fault: FaultKind) -> Service | None:
        """The service that a fault stops, where it does not cut the power."""
        return None

    def scripted(self, fault: FaultKind, host: str) -> Scripted | None:
        """How a fault is made that neither stops a service in order nor cuts the power."""
        return None

    def controller(self, host: str) -> str | None:
        """Another of its hosts that can switch this one's power, off and on, by a power controller (`fence`)."""
        return None

    def parting(self, fault: FaultKind) -> Parting | None:
        """What a fault that `splits` needs beside what is `scripted`, which cuts the link."""
        return None

    @property
    def may_split(self) -> bool:
        """Whether the settings allow drills that give up acknowledged writes."""
        return False

    def up_script(self, host: str) -> str:
        """A bash script, light for the host, that ends with 0 when the host's service runs again after a fault."""
        return "true"

    def pause(self, fault: FaultKind, host: str) -> float:
        """Seconds that the others need to notice that a struck host is back."""
        return 0.0

    def not_healed(self, facts: Mapping[str, HostFacts]) -> str:
        """What is still not as it was before the fault, though nothing is wrong; empty when all is."""
        return ""
