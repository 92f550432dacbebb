"""The director pair: keepalived's VRRP and LVS (keepalived.conf(5), ipvsadm(8))."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Literal

from pydantic import Field, SecretStr

from settings.base import Settings, form

LbAlgo = Literal["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "mh", "fo", "ovf"]


class Director(Settings):
    """One director."""

    priority: int = Field(ge=1, le=254, description="VRRP priority; the highest that is up holds the VIP. 255 is reserved for an address owner.")
    router_id: str | None = Field(
        default=None,
        max_length=255,
        pattern=r"^[A-Za-z0-9._-]+$",
        json_schema_extra=form("letters, digits, . _ and -, such as ha1"),
        description="`router_id` in logs and e-mails. None: the host's name.",
    )


class Authentication(Settings):
    """VRRP version 2's authentication. RFC 3768 dropped it: it goes over the wire in clear and guards against accidents only."""

    auth_type: Literal["PASS"] = Field(default="PASS", description="Simple password.")
    auth_pass: SecretStr | None = Field(default=None, description="At most 8 characters (keepalived cuts the rest). None: derived from the stack secret.")


class Notification(Settings):
    """E-mail from keepalived (keepalived.conf(5), global_defs)."""

    notification_email: tuple[str, ...] = Field(min_length=1, description="Recipients.")
    notification_email_from: str = Field(default="keepalived@localhost", description="Sender.")
    smtp_server: str = Field(default="127.0.0.1", description="Mail relay: address, optionally `address port`.")
    smtp_connect_timeout: int = Field(default=30, ge=1, description="Seconds.")


class VirtualServer(Settings):
    """What clients connect to, and how connections are spread over the real servers."""

    port: int = Field(default=3306, ge=1, le=65535, description="Port of the VIP and of the real servers (DR cannot change it).")
    lb_algo: LbAlgo | None = Field(
        default=None, description="IPVS scheduler. None: `fo` (failover, highest weight) for `single-writer`, `rr` for `all-nodes` and for readers."
    )
    lb_kind: Literal["DR", "NAT", "TUN"] = Field(default="DR", description="Forwarding method. Only DR is offered for Galera behind directors today.")
    persistence_timeout: int = Field(default=0, ge=0, description="Seconds for which a client address stays with its real server; 0 = off.")
    check: Literal["galera", "tcp"] = Field(
        default="galera",
        description="`galera`: the health agent's answer (port `galera.agent_port`); `tcp`: the port accepts (the seed's way: blind to Galera's state).",
    )


class Reader(Settings):
    """A second VIP for reads, spread over all real servers."""

    vip: IPv4Address = Field(description="Address for reads within `network.cidr`.")
    virtual_server: VirtualServer = Field(default=VirtualServer(), description="As for the writer.")


class Directors(Settings):
    """Two (or more) hosts that share the VIP by VRRP and forward to the real servers by LVS."""

    vip: IPv4Address = Field(description="The address that clients use, within `network.cidr`, of no host.")
    virtual_router_id: int = Field(default=51, ge=1, le=255, description="VRRP group number: unique on the link.")
    members: dict[str, Director] = Field(min_length=2, description="Directors by host name, each with its priority.")
    vrrp_version: Literal[2, 3] = Field(default=3, description="3 allows fractions of a second; 2 is the seed's.")
    unicast: bool = Field(default=True, description="Adverts go to the peers' addresses, not to multicast 224.0.0.18.")
    authentication: Authentication | None = Field(default=None, description="Version 2 only.")
    preempt: bool = Field(default=True, description="The director with the higher priority takes the VIP back when it returns. False: `nopreempt`.")
    preempt_delay: int = Field(
        default=15, ge=0, le=1000, description="Seconds a returning director waits before it takes the VIP back (its health checks must run first)."
    )
    real_servers: tuple[str, ...] | None = Field(
        default=None, description="Galera nodes that LVS forwards to, the preferred writer first. None: all members but the reference node."
    )
    lvs_sync_daemon: bool = Field(default=True, description="Directors share their connection tables, so that sessions survive a failover.")
    virtual_server: VirtualServer = Field(default=VirtualServer(), description="The writer's virtual server.")
    reader: Reader | None = Field(default=None, description="A second VIP for reads.")
    notification: Notification | None = Field(default=None, description="E-mail on state changes.")
