"""The director pair: LVS behind a VIP that VRRP holds (keepalived.conf(5), ipvsadm(8))."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from math import ceil
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from settings.base import Settings
from settings.parts.vrrp import VrrpSection

if TYPE_CHECKING:
    from settings.timers import Timers

LbAlgo = Literal["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "mh", "fo", "ovf"]
LbKind = Literal["DR", "NAT", "TUN"]
Flag = Literal["sh-port", "sh-fallback", "mh-port", "mh-fallback"]

#: Seconds until the health agent has seen that MariaDB is gone: its connection breaks
#: (cloudinit/programs/agent/health_look.py).
AGENT_DELAY = 0.3


class VirtualServer(Settings):
    """What clients connect to, and how connections are spread over the real servers."""

    port: int = Field(
        default=3306,
        ge=1,
        le=65535,
        description="Port of the VIP. Under DR and TUN it is the servers' own, which only NAT can change.",
    )
    lb_algo: LbAlgo | None = Field(
        default=None,
        description=(
            "IPVS scheduler. None: `fo` (failover, highest weight) for `single-writer`, `rr` for several writers and "
            "for readers."
        ),
    )
    flags: tuple[Flag, ...] | None = Field(
        default=None,
        description="Flags of the scheduler (ipvsadm(8), --sched-flags): `sh-port`, `sh-fallback` of sh, `mh-port`, "
        "`mh-fallback` of mh. None: `mh-port` with mh.",
    )
    weights: dict[str, int] = Field(
        default={},
        description="Weight by real server, 0 to 65535. One that is not named has 1; with fo, where none is named, the "
        "order of the real servers decides. With ovf it is the number of connections that fill a server.",
    )
    accept_one_server: bool = Field(
        default=False,
        description="It is meant that one server takes all or nearly all connections: without it fo, ovf, dh, lblc and "
        "lblcr are refused where connections should be spread.",
    )
    lb_kind: LbKind = Field(
        default="DR",
        description="Forwarding method: `DR`; `NAT` (needs `inner_vip`); `TUN` (ipip tunnels to the real servers).",
    )
    persistence_timeout: int = Field(
        default=0, ge=0, description="Seconds for which a client address stays with its real server; 0 = off."
    )
    check: Literal["agent", "tcp"] = Field(
        default="agent",
        description=(
            "`agent`: what the server's health agent answers over HTTP (its port is the `agent_port` of the component "
            "behind); `tcp`: the port accepts (the 2018 document's way: blind to the server's state)."
        ),
    )

    def scheduler_flags(self, algo: str) -> tuple[str, ...]:
        """Flags of the scheduler that is used."""
        return self.flags if self.flags is not None else ("mh-port",) if algo == "mh" else ()


class Reader(Settings):
    """A second VIP for reads, spread over all real servers."""

    vip: IPv4Address = Field(description="Address for reads within `network.cidr`.")
    virtual_server: VirtualServer = Field(default=VirtualServer(), description="As for the writer.")


class LvsTimeouts(Settings):
    """After how many seconds of silence IPVS forgets a connection (keepalived.conf(5), lvs_timeouts). They hold for
    the whole host.
    """

    tcp: int = Field(
        default=900,
        ge=10,
        le=2147483,
        description="Seconds for an established session; what comes of it later is answered with a reset. The servers'"
        " keepalive has to come in between (`tcp_keepalive_time`).",
    )
    tcpfin: int = Field(
        default=120, ge=1, le=2147483, description="Seconds for a session that its client has closed (FIN)."
    )


class Directors(VrrpSection):
    """Two (or more) hosts that share the VIP by VRRP and forward to the real servers by LVS."""

    kind: ClassVar[str] = "directors"
    about: ClassVar[str] = "keepalived and LVS."
    member: ClassVar[str] = "director"

    backend_component: str | None = Field(
        default=None,
        description="The component whose servers LVS forwards to. None: the only one that can be forwarded to.",
    )
    real_servers: tuple[str, ...] | None = Field(
        default=None,
        description="Servers that LVS forwards to, the preferred writer first. None: all that serve clients.",
    )
    lvs_sync_daemon: bool = Field(
        default=True, description="Directors share their connection tables, so that sessions survive a failover."
    )
    lvs_timeouts: LvsTimeouts = Field(
        default=LvsTimeouts(), description="After how many seconds of silence IPVS forgets a connection."
    )
    virtual_server: VirtualServer = Field(default=VirtualServer(), description="The writer's virtual server.")
    reader: Reader | None = Field(default=None, description="A second VIP for reads.")
    inner_vip: IPv4Address | None = Field(
        default=None,
        description="NAT only: the address through which real servers send their answers to clients. It is with the "
        "director that has the VIP.",
    )

    def named_hosts(self, name: str) -> Iterator[tuple[str, str]]:
        """Directors and named real servers by key path."""
        yield from ((f"{name}.members.{host}", host) for host in self.members)
        yield from ((f"{name}.real_servers[{index}]", host) for index, host in enumerate(self.real_servers or ()))

    @property
    def lb_kind(self) -> LbKind:
        """The forwarding method of all virtual servers."""
        return self.virtual_server.lb_kind

    def client_vips(self, name: str) -> dict[str, IPv4Address]:
        """The writer's VIP and, where there is one, the reader's, by key path."""
        return super().vips(name) | ({f"{name}.reader.vip": self.reader.vip} if self.reader else {})

    def vips(self, name: str) -> dict[str, IPv4Address]:
        """Those of clients and, under NAT, the one of the real servers."""
        return self.client_vips(name) | ({f"{name}.inner_vip": self.inner_vip} if self.inner_vip else {})

    def forwards_to(self) -> str | None:
        """The named component."""
        return self.backend_component

    def real_servers_named(self) -> tuple[str, ...] | None:
        """`real_servers`."""
        return self.real_servers

    def weights_named(self) -> Mapping[str, int]:
        """Those of the writer's virtual server."""
        return self.virtual_server.weights

    @property
    def forwards(self) -> bool:
        """Always."""
        return True

    def drain_notice(self, timers: Timers) -> float:
        """A director sees that a node drains, and that it is back, by a line of its agent, after a second at most; two
        rounds of checks more where TCP_CHECK asks too.
        """
        return ceil(AGENT_DELAY + 2 * timers.checks.delay_loop + 1)

    def virtual_servers(self, name: str) -> Iterator[tuple[str, VirtualServer]]:
        """Virtual servers by key path."""
        yield f"{name}.virtual_server", self.virtual_server
        if self.reader:
            yield f"{name}.reader.virtual_server", self.reader.virtual_server
