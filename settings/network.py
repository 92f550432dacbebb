"""The network that hosts and VIPs share."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Literal

from pydantic import Field

from settings.base import Settings, form
from settings.hosts import INTERFACE, INTERFACE_FORM


class Network(Settings):
    """One IPv4 link. LVS-DR needs directors and real servers on the same link (LVS-HOWTO, LVS-DR)."""

    cidr: IPv4Network = Field(description="The link's subnet, such as `172.16.21.0/24`. Every host and VIP lies in it.")
    gateway: IPv4Address | None = Field(
        default=None,
        description=(
            "Default route of the VMs; also the bridge's address where the stack makes its own network. None: no "
            "default route."
        ),
    )
    interface: str = Field(
        default="eth0",
        pattern=INTERFACE,
        json_schema_extra=form(INTERFACE_FORM),
        description="Name of the interface on hosts that have no `interface` of their own; VMs get it by MAC address.",
    )
    bridge: str | None = Field(
        default=None,
        pattern=INTERFACE,
        json_schema_extra=form(INTERFACE_FORM),
        description=(
            "An existing bridge of the hypervisor to attach VMs to. None: the stack makes a libvirt network of its own."
        ),
    )
    mode: Literal["nat", "route", "open", "none"] = Field(
        default="nat",
        description=(
            "`mode` of the libvirt network that the stack makes (libvirt.org/formatnetwork): `nat` lets VMs reach a "
            "package mirror; `open` leaves the hypervisor's firewall alone. Set once: later changes are ignored, "
            "because libvirt would cut running VMs off."
        ),
    )
    dns: tuple[IPv4Address, ...] = Field(
        default=(),
        description=(
            "Name servers of the VMs; the stack's own network has none. Empty: names do not resolve there, so the "
            "image must hold all packages, or name its mirror by address."
        ),
    )
    extra_hosts: dict[str, IPv4Address] = Field(
        default={},
        description=(
            "Further names and their addresses in `/etc/hosts` of every host, such as a mirror's. The stack's own "
            "hosts are there anyway."
        ),
    )
    ntp: tuple[str, ...] = Field(default=(), description="NTP servers (chrony `server`). Empty: Debian's pool.")
