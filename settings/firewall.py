"""Openings in the hosts' firewall beside those that the stack's components make."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from settings.base import Settings


class Opening(Settings):
    """One port that is open on hosts, for something that the stack knows nothing of."""

    port: int = Field(ge=1, le=65535, description="The port.")
    proto: Literal["tcp", "udp"] = Field(default="tcp", description="`tcp` or `udp`.")
    cidrs: tuple[str, ...] = Field(min_length=1, description="Networks that are admitted.")
    hosts: tuple[str, ...] | None = Field(default=None, description="Hosts by name. None: all.")

    def on(self, host: str) -> bool:
        """True where a host has it."""
        return self.hosts is None or host in self.hosts


class Firewall(Settings):
    """Each host's firewall refuses what is not opened: by components for what they need, by `ssh.admin_cidrs`, here."""

    openings: tuple[Opening, ...] = Field(
        default=(), description="Further openings, such as a monitoring agent's port for the hosts that ask it."
    )
