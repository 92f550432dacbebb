"""What the house asks of every kind's settings: a section of the stack file, or one component of somebody's own
program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, ClassVar

from settings.base import Settings

if TYPE_CHECKING:
    from settings.timers import Timers


@dataclass(frozen=True, kw_only=True)
class Backend:
    """Database servers of one component, as those see them who forward clients to them.

    `members` are hosts, the preferred writer first; `reserve` is the one that serves no clients. The `_key` fields are
    the settings in which a user finds that. `majority`: without most of its members the component serves nobody.
    """

    component: str
    server: str
    """What one of its servers is called: `Galera node`."""
    members: tuple[str, ...]
    members_key: str
    reserve: str | None
    reserve_key: str
    port: int
    port_key: str
    agent_port: int
    one_writer: bool
    routing_key: str
    several: str
    """The value of `routing_key` with which several servers take writes."""
    majority: bool
    votes_besides: tuple[str, ...] = ()
    """Hosts that count for the majority and hold no data."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Servers of one component that take writes one at a time, as those see them who follow them or send them writes.

    `vip`: where the one that takes writes is found; None where it has no address of its own. `server_ids`: by host.
    The `_key` fields are the settings in which a user finds that.
    """

    component: str
    members: tuple[str, ...]
    members_key: str
    vip: IPv4Address | None
    vip_key: str
    port: int
    agent_port: int
    max_connections: int
    server_ids: Mapping[str, int]
    gtid_domain_id: int


@dataclass(frozen=True, kw_only=True)
class Readers:
    """Servers of one component that take reads, as those see them who send them reads. `follows`: the component whose
    data they have.
    """

    component: str
    members: tuple[str, ...]
    members_key: str
    port: int
    agent_port: int
    max_connections: int
    follows: str | None


@dataclass(frozen=True, kw_only=True)
class Port:
    """A TCP port on which a component listens.

    `key`: the setting that moves it; None where nothing can. `usual`: its default.
    """

    number: int
    what: str
    key: str | None = None
    usual: int = 0


@dataclass(frozen=True, kw_only=True)
class Once:
    """What a host has once, so that one component alone can have it. `words` and `follows`: why two cannot, for a
    message. `of_vms`: bare metal has several.
    """

    words: str
    follows: str
    of_vms: bool = False


#: The worst first: of two components that both want several of these the first is said.
VOLUME = Once(
    words="a VM has one data volume",
    follows="the one would lay its metadata or file system over the other's data",
    of_vms=True,
)
SERVER = Once(
    words="a host has one MariaDB server and one data directory",
    follows="two databases cannot be in it, on whatever port",
)
KEEPALIVED = Once(
    words="both hold a VIP there",
    follows="keepalived has one configuration on a host, and each of the two would bring its own into force",
)
AGENT = Once(
    words="a host has one health agent",
    follows="its word would be that of the one or of the other, and who asks it would be told wrong",
)


class Section(Settings):
    """Settings of one component.

    `name` is what the component is called: in a stack file its kind, in a program of one's own any name.
    """

    kind: ClassVar[str]
    """The section's key in a stack file, and the kind's name in all rooms."""
    about: ClassVar[str]
    """The section in a few words, with a full stop."""
    can_be_forwarded_to: ClassVar[bool] = False
    """True where `backend` gives something."""
    purposes: ClassVar[Mapping[str, bool]] = {}
    """Secrets derived for it, by purpose; True where its generation can be raised on a living stack."""

    def named_hosts(self, name: str) -> Iterator[tuple[str, str]]:
        """(key path, host name) wherever the section names a host."""
        raise NotImplementedError

    def vips(self, name: str) -> dict[str, IPv4Address]:
        """Addresses that move between hosts, by key path."""
        return {}

    def ports(self, name: str) -> dict[str, tuple[Port, ...]]:
        """Ports on which it listens, by host."""
        return {}

    def takes(self) -> dict[str, tuple[Once, ...]]:
        """What it takes of that which a host has once, by host, in the order above."""
        return {}

    def backend(self, name: str) -> Backend | None:
        """What can be forwarded to; None where nothing can."""
        return None

    def forwards_to(self) -> str | None:
        """The component that it says it forwards clients to; None where it says none."""
        return None

    def source(self, name: str) -> Source | None:
        """What can be followed, and takes writes; None where nothing does."""
        return None

    def readers(self, name: str, follows: str | None) -> Readers | None:
        """What takes reads; None where nothing does. `follows`: the component that it follows."""
        return None

    def source_named(self) -> str | None:
        """The component that it says it follows, or sends writes to; None where it says none."""
        return None

    def readers_named(self) -> str | None:
        """The component that it says it sends reads to; None where it says none."""
        return None

    def real_servers_named(self) -> tuple[str, ...] | None:
        """The servers that it says it forwards clients to; None where it says none."""
        return None

    def weights_named(self) -> Mapping[str, int]:
        """The weights that it gives to servers that it forwards writers to; the heaviest is the preferred one."""
        return {}

    @property
    def forwards(self) -> bool:
        """True where it stands before other components and forwards clients to them."""
        return False

    @property
    def follows(self) -> bool:
        """True where its servers follow those of another component."""
        return False

    @property
    def balances(self) -> bool:
        """True where it stands before a component that takes writes and one that takes reads."""
        return False

    def drain_notice(self, timers: Timers) -> float:
        """Seconds until all its hosts have seen that a server behind them drains."""
        return 0.0


def in_order(given: Any, each: Callable[[int], Mapping[str, Any]]) -> Any:
    """A section as it was given, with what its members do not say. `each`: the defaults of the member of a number."""
    members = given.get("members") if isinstance(given, dict) else None
    if not isinstance(members, dict):
        return given
    filled = {
        host: {**each(index), **member} if isinstance(member, dict) else member
        for index, (host, member) in enumerate(members.items())
    }
    return {**given, "members": filled}
