"""The director pair: LVS behind a VIP that VRRP holds (keepalived.conf(5), ipvsadm(8))."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from math import ceil
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from settings.base import Settings
from settings.parts.vrrp import VrrpSection

if TYPE_CHECKING:
    from settings.timers import Timers

LbAlgo = Literal["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "mh", "fo", "ovf"]

#: Seconds until the health agent has seen that MariaDB is gone: its connection breaks
#: (cloudinit/programs/agent/health_look.py).
AGENT_DELAY = 0.3


class VirtualServer(Settings):
    """What clients connect to, and how connections are spread over the real servers."""

    port: int = Field(
        default=3306, ge=1, le=65535, description="Port of the VIP and of the real servers (DR cannot change it)."
    )
    lb_algo: LbAlgo | None = Field(
        default=None,
        description=(
            "IPVS scheduler. None: `fo` (failover, highest weight) for `single-writer`, `rr` for `all-nodes` and "
            "for readers."
        ),
    )
    lb_kind: Literal["DR", "NAT", "TUN"] = Field(
        default="DR", description="Forwarding method. Only DR is offered for Galera behind directors today."
    )
    persistence_timeout: int = Field(
        default=0, ge=0, description="Seconds for which a client address stays with its real server; 0 = off."
    )
    check: Literal["galera", "tcp"] = Field(
        default="galera",
        description=(
            "`galera`: the health agent's answer (its port is the cluster's `agent_port`); `tcp`: the port accepts "
            "(the 2018 document's way: blind to Galera's state)."
        ),
    )


class Reader(Settings):
    """A second VIP for reads, spread over all real servers."""

    vip: IPv4Address = Field(description="Address for reads within `network.cidr`.")
    virtual_server: VirtualServer = Field(default=VirtualServer(), description="As for the writer.")


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
    virtual_server: VirtualServer = Field(default=VirtualServer(), description="The writer's virtual server.")
    reader: Reader | None = Field(default=None, description="A second VIP for reads.")

    def named_hosts(self, name: str) -> Iterator[tuple[str, str]]:
        """Directors and named real servers by key path."""
        yield from ((f"{name}.members.{host}", host) for host in self.members)
        yield from ((f"{name}.real_servers[{index}]", host) for index, host in enumerate(self.real_servers or ()))

    def vips(self, name: str) -> dict[str, IPv4Address]:
        """The writer's VIP and, where there is one, the reader's."""
        return super().vips(name) | ({f"{name}.reader.vip": self.reader.vip} if self.reader else {})

    def forwards_to(self) -> str | None:
        """The named component."""
        return self.backend_component

    def real_servers_named(self) -> tuple[str, ...] | None:
        """`real_servers`."""
        return self.real_servers

    @property
    def forwards(self) -> bool:
        """Always."""
        return True

    def drain_notice(self, timers: Timers) -> float:
        """A director sees that a node drains by a line of its agent, after a second at most; that it is back by
        HTTP_GET too: two rounds of checks.
        """
        return ceil(AGENT_DELAY + 2 * timers.checks.delay_loop + 1)

    def virtual_servers(self, name: str) -> Iterator[tuple[str, VirtualServer]]:
        """Virtual servers by key path."""
        yield f"{name}.virtual_server", self.virtual_server
        if self.reader:
            yield f"{name}.reader.virtual_server", self.reader.virtual_server
