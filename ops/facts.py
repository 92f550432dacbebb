"""Facts of a stack at one moment, as plain data: what the hosts said, not what it means (that is `judge`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

#: Why a host gave no facts. unreachable: no TCP connection, or SSH refuses us; slow: it takes connections and its answer did not
#: come in time; bare: it lets us in and has not been set up; mute: it was asked and its answer cannot be used.
Silence = Literal["unreachable", "slow", "bare", "mute"]


@dataclass(frozen=True, kw_only=True)
class RealServer:
    """A line of the IPVS table. `weight` 0: no new connections."""

    address: str
    port: int
    forward: str
    weight: int
    active: int
    inactive: int


@dataclass(frozen=True, kw_only=True)
class VirtualService:
    """A virtual service of the IPVS table."""

    host: str
    port: int
    scheduler: str
    flags: str = ""
    servers: tuple[RealServer, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wsrep:
    """Two samples of the wsrep status, `seconds` apart, and a few variables. `error`: why there is none."""

    first: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.5
    error: str = ""

    def text(self, name: str) -> str:
        """A figure as MariaDB prints it; empty when it was not given."""
        return self.last.get(f"wsrep_{name}", "")

    def number(self, name: str, *, first: bool = False) -> float:
        """A figure as a number; 0 when it was not given."""
        try:
            return float((self.first if first else self.last).get(f"wsrep_{name}", "0"))
        except ValueError:
            return 0.0


@dataclass(frozen=True, kw_only=True)
class Agent:
    """The health agent's answer: HTTP status (0: none) and its words. 200: take clients; 404: see `drains`; 503: take none.

    `seconds`: until the answer was there, asked on the host itself.
    """

    status: int
    words: str
    seconds: float = 0.0

    @property
    def drains(self) -> bool:
        """404: keep the sessions that you have and send no new ones (haproxy's `disable-on-404`)."""
        return self.status == 404


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The host's clock. `off_s`: least possible difference from this machine's, in seconds; `synced`: chrony's word, None when unknown."""

    off_s: float = 0.0
    synced: bool | None = None


@dataclass(frozen=True, kw_only=True)
class HostFacts:
    """What one host said. With `reached` False only `silence` and `error` mean something."""

    host: str
    reached: bool
    silence: Silence = "unreachable"
    error: str = ""
    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    clock: Clock = Clock()
    draining: str | None = None
    #: The rolling change that took it out is at work on it now.
    rolling: bool = False
    ipvs: tuple[VirtualService, ...] | None = None
    ipvs_error: str = ""
    vrrp_log: str | None = None
    lvsdr: int | None = None
    lvsdr_words: str = ""
    wsrep: Wsrep | None = None
    agent: Agent | None = None
    #: Our files of MariaDB's configuration that are not as its running server has read them.
    not_in_force: tuple[str, ...] = ()

    @property
    def unknown(self) -> bool:
        """It gave no facts, and may do its work all the same: unknown is not gone."""
        return not self.reached and self.silence in ("slow", "mute")

    def holds(self, address: str) -> bool:
        """True when the address is on an interface other than the loopback."""
        return any(address in present for interface, present in self.addresses.items() if interface != "lo")
