"""A VIP that hosts share by VRRP (keepalived.conf(5), vrrp_instance)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from settings.base import Settings, form
from settings.parts.clients import ClientSection
from settings.section import KEEPALIVED, Once


class VrrpMember(Settings):
    """One host that may hold the VIP."""

    priority: int = Field(
        ge=1,
        le=254,
        description="VRRP priority; the highest that is up holds the VIP. 255 is reserved for an address owner.",
    )
    router_id: str | None = Field(
        default=None,
        max_length=255,
        pattern=r"^[A-Za-z0-9._-]+$",
        json_schema_extra=form("letters, digits, . _ and -, such as ha1"),
        description="`router_id` in logs and e-mails. None: the host's name.",
    )


class Authentication(Settings):
    """VRRP version 2's authentication.

    RFC 3768 dropped it: it goes over the wire in clear and guards against accidents only.
    """

    auth_type: Literal["PASS"] = Field(default="PASS", description="Simple password.")
    auth_pass: SecretStr | None = Field(
        default=None,
        description="At most 8 characters (keepalived cuts the rest). None: derived from the stack secret.",
    )


class Notification(Settings):
    """E-mail from keepalived (keepalived.conf(5), global_defs)."""

    notification_email: tuple[str, ...] = Field(min_length=1, description="Recipients.")
    notification_email_from: str = Field(default="keepalived@localhost", description="Sender.")
    smtp_server: str = Field(default="127.0.0.1", description="Mail relay: address, optionally `address port`.")
    smtp_connect_timeout: int = Field(default=30, ge=1, description="Seconds.")


class VrrpSection(ClientSection):
    """Settings of a component whose hosts share a VIP."""

    member: ClassVar[str] = "host that may hold the VIP"
    """What a member is called."""
    purposes: ClassVar[Mapping[str, bool]] = {"vrrp-auth-pass": True}
    only_with_vip: ClassVar[tuple[str, ...]] = (
        "virtual_router_id",
        "vrrp_version",
        "unicast",
        "authentication",
        "preempt",
        "preempt_delay",
        "notification",
    )
    """Settings that mean nothing where the component has no VIP of its own."""

    vip: IPv4Address = Field(description="The address that clients use, within `network.cidr`, of no host.")
    virtual_router_id: int = Field(default=51, ge=1, le=255, description="VRRP group number: unique on the link.")
    members: dict[str, VrrpMember] = Field(
        min_length=2, description="Hosts that may hold the VIP, by name, each with its priority."
    )
    vrrp_version: Literal[2, 3] = Field(
        default=3, description="3 allows fractions of a second; 2 is the 2018 document's."
    )
    unicast: bool = Field(default=True, description="Adverts go to the peers' addresses, not to multicast 224.0.0.18.")
    authentication: Authentication | None = Field(default=None, description="Version 2 only.")
    preempt: bool = Field(
        default=True,
        description="The host with the higher priority takes the VIP back when it returns. False: `nopreempt`.",
    )
    preempt_delay: int = Field(
        default=15,
        ge=0,
        le=1000,
        description="Seconds a returning host waits before it takes the VIP back (its health checks must run first).",
    )
    notification: Notification | None = Field(default=None, description="E-mail on state changes.")

    def holders(self) -> Mapping[str, VrrpMember]:
        """Hosts that may hold the VIP, each with its priority."""
        return self.members

    @property
    def holds_vip(self) -> bool:
        """False where the component may have a VIP and has none: nothing else of this part then means anything."""
        return True

    def vips(self, name: str) -> dict[str, IPv4Address]:
        """The VIP, by key path."""
        return {f"{name}.vip": self.vip}

    def takes(self) -> dict[str, tuple[Once, ...]]:
        """keepalived, where there is a VIP."""
        found = super().takes()
        held = self.holders() if self.holds_vip else ()
        return {host: (*found.get(host, ()), *((KEEPALIVED,) if host in held else ())) for host in (*found, *held)}

    def ranked(self) -> tuple[str, ...]:
        """Hosts that may hold the VIP, the highest priority first."""
        holders = self.holders()
        return tuple(sorted(holders, key=lambda host: -holders[host].priority))
