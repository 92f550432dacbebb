"""Facts of a host at one moment, as plain data: what it said, not what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ops.hosts.history import History
from ops.hosts.link import Link
from ops.hosts.memory import Memory

P = TypeVar("P")


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The host's clock. `off_s`: least possible difference from this machine's, in seconds; `synced`: chrony's word,
    None when unknown."""

    off_s: float = 0.0
    synced: bool | None = None


@dataclass(frozen=True)
class Volume:
    """A mounted file system (MiB)."""

    size_mib: int
    free_mib: int

    @property
    def used(self) -> float:
        """The share that is used up, 0 to 1."""
        return 1 - self.free_mib / self.size_mib if self.size_mib else 1.0


@dataclass(frozen=True)
class Firewall:
    """Whether the stack's rule set is in force, and whether it will be at the next boot; None: nft does not
    tell."""

    loaded: bool | None
    at_boot: bool


@dataclass(frozen=True, kw_only=True)
class HostFacts:
    """What one host said. With `reached` False only `error` and `unknown` mean something."""

    host: str
    reached: bool
    #: Not reached, yet nothing says that it is down: it is slow to answer, or did not give its facts.
    unknown: bool = False
    error: str = ""
    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    clock: Clock = Clock()
    draining: str | None = None
    #: By mount point.
    volumes: Mapping[str, Volume] = field(default_factory=dict)
    #: None: the host says nothing of it; so with those below.
    firewall: Firewall | None = None
    memory: Memory | None = None
    history: History | None = None
    #: MAC addresses of its interfaces.
    hardware: tuple[str, ...] = ()
    #: Of its VRRP instances; `link_error`: why it could not listen there.
    links: tuple[Link, ...] = ()
    link_error: str = ""
    #: Parts of host-facts that could not be told, with the reason.
    failed: Mapping[str, str] = field(default_factory=dict)
    #: What components know of the host (`Component.parse`), by type.
    parts: Mapping[type[Any], Any] = field(default_factory=dict)

    def part(self, wanted: type[P]) -> P | None:
        """What the host said of one part; None when it said nothing."""
        found = self.parts.get(wanted)
        return found if isinstance(found, wanted) else None

    def active(self, unit: str) -> bool:
        """True when the unit is known to be active."""
        return self.units.get(unit) == "active"

    def holds(self, address: str) -> bool:
        """True when the address is on an interface other than the loopback."""
        return any(address in present for interface, present in self.addresses.items() if interface != "lo")
