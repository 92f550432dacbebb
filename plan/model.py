"""Plain data that says what a deployment is. Two plans differ exactly where two deployments would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from plan.needs import Needs

if TYPE_CHECKING:
    from plan.role import Role


@dataclass(frozen=True, kw_only=True)
class File:
    """One file on a host, owned by exactly one role.

    `content` is the whole text; `check` names the checker that must accept it before it replaces the old one
    (see `cloudinit/programs/host/apply`); `on_change` are systemd actions, each run once after a change. `step` names
    the set in which a step delivers the file on one host after the other (`Step.delivers`); None: with the host's other
    files.
    """

    path: str
    content: str = field(repr=False)
    mode: str = "0644"
    owner: str = "root"
    group: str = "root"
    secret: bool = False
    check: str | None = None
    on_change: tuple[str, ...] = ()
    step: str | None = None

    @property
    def owner_set(self) -> str:
        """The set with which the file is delivered: `plain`, `secret`, or its step's."""
        return "secret" if self.secret else self.step or "plain"

    def as_manifest(self) -> dict[str, Any]:
        """The entry that the delivery program reads."""
        return {
            "content": self.content,
            "mode": self.mode,
            "owner": self.owner,
            "group": self.group,
            "check": self.check,
            "on_change": list(self.on_change),
        }


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A disk of its own for data.

    `device`: where a VM has it. `mount`: the folder on it; None: it is used as it is, without a file system.
    """

    name: str
    device: str
    mount: str | None


@dataclass(frozen=True, kw_only=True)
class HostPlan:
    """One host: where it is, what it is for, and what lies on it."""

    name: str
    address: str
    mac: str
    interface: str
    roles: tuple[str, ...]
    packages: tuple[str, ...]
    files: tuple[File, ...]
    units: tuple[str, ...]
    volumes: tuple[Volume, ...] = ()
    needs: tuple[Needs, ...] = ()

    def manifest(self, owner_set: str) -> dict[str, dict[str, Any]]:
        """Files of one set by path, as the delivery program reads them."""
        return {
            file.path: file.as_manifest()
            for file in sorted(self.files, key=lambda f: f.path)
            if file.owner_set == owner_set
        }


@dataclass(frozen=True, kw_only=True)
class Step:
    """One ordered, repeatable command on a host.

    It runs again when its command or what it reads changes, or when the machine is another one.

    `waits_for` holds ids of steps, other components' too. `stdin` may hold secrets: it never enters a command line.
    `delivers` names a set of the host's files that it reads instead.
    """

    component: str
    name: str
    host: str
    command: str
    waits_for: tuple[str, ...] = ()
    stdin: str | None = field(default=None, repr=False)
    delivers: str | None = None

    @property
    def id(self) -> str:
        """The step's name in the whole stack."""
        return f"{self.component}-{self.name}"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where clients connect."""

    host: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Login:
    """An account of one component that another one uses."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ComponentPlan:
    """What one component adds to a stack.

    Attributes:
        name: what the component is called: in a stack file its kind, in a program of one's own any name.
        kind: the kind that it is of.
        system: its part in the name of the system (`galera`, `lvs`).
        roles: what lies on each host for it.
        steps: in an order in which each comes after those it waits for.
        ready: ids of the steps after which it can be relied on.
        endpoints: where clients connect, by purpose (`writer`, `reader`, `web`).
        outputs: what the outputs say of it, under `components`.
        host_outputs: what the outputs say of a host for its sake.
        contract: top-level outputs of contract version 1 that it fills.
        promises: by fault the longest time, in seconds, that a client waits for its next acknowledged write.
        read_promises: by fault the longest time, in seconds, that a client that reads elsewhere than where is written
            waits for its next answer.
        stall: seconds for which all its writes wait after one of its servers fell silent.
        keeps_accounts: it keeps the databases and accounts of the settings.
        replication: the account with which other components' servers follow its own; None: none may.
        rolled: the set of files that is brought into force on one of its hosts after the other; None: it has none.
        votes: hosts of which more than half must be there for it to take writes; empty: it counts no votes.
    """

    name: str
    kind: str
    system: str
    roles: Mapping[str, tuple[Role, ...]]
    steps: tuple[Step, ...] = ()
    ready: tuple[str, ...] = ()
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    host_outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    contract: Mapping[str, Any] = field(default_factory=dict)
    promises: Mapping[str, float] = field(default_factory=dict)
    read_promises: Mapping[str, float] = field(default_factory=dict)
    stall: float = 0.0
    keeps_accounts: bool = False
    replication: Login | None = None
    rolled: str | None = None
    votes: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts that carry something for it."""
        return tuple(self.roles)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole stack. `components` in an order in which each comes after those it stands before."""

    stack: str
    system: str
    hosts: Mapping[str, HostPlan]
    components: Mapping[str, ComponentPlan]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in order."""
        return tuple(step for component in self.components.values() for step in component.steps)

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """Where clients connect, by purpose; a component in front has the last word."""
        return {
            purpose: endpoint
            for component in self.components.values()
            for purpose, endpoint in component.endpoints.items()
        }

    @property
    def entry(self) -> Endpoint | None:
        """Where clients come: those that write, where there are any; None: to the hosts."""
        found = self.endpoints
        return found.get("writer") or next(iter(found.values()), None)

    @property
    def keepers(self) -> tuple[str, ...]:
        """Components that keep the databases and accounts of the settings; the last one is where clients that write
        come.
        """
        found = [name for name, component in self.components.items() if component.keeps_accounts]
        doors = [component for component in self.components.values() if "writer" in component.endpoints]
        behind = doors and str(doors[-1].outputs.get("forwards_to", doors[-1].name))
        return tuple(sorted(found, key=lambda name: name == behind))

    @property
    def promises(self) -> dict[str, float]:
        """By fault the longest time, in seconds, that a client waits for its next acknowledged write, whichever of its
        components is struck.
        """
        return _longest(component.promises for component in self.components.values())

    @property
    def read_promises(self) -> dict[str, float]:
        """The same for reads."""
        return _longest(component.read_promises for component in self.components.values())


def _longest(promises: Iterable[Mapping[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for one in promises:
        found |= {fault: max(gap, found.get(fault, gap)) for fault, gap in one.items()}
    return found
