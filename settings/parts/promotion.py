"""Promotion: who of two hosts serves, and how a silent one is fenced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Literal, NamedTuple

from pydantic import Field, SecretStr

from settings.base import Settings, form
from settings.problem import Problem
from settings.timer_group import Order, TimerGroup

#: What fencing derives secrets for: the key by which a hypervisor is asked. It is admitted there by hand.
FENCING_PURPOSES: Mapping[str, bool] = {"fencing-key": False}
#: The ready agents' program on the hosts.
FENCE = "/usr/local/lib/mariadb-ha/fence"


class LibvirtFencing(Settings):
    """A hypervisor that is asked over SSH, with a key that can power these domains off and do nothing else
    (docs/fencing.md)."""

    host: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]*$",
        json_schema_extra=form("an address or a name"),
        description="The hypervisor, as the hosts reach it.",
    )
    port: int = Field(default=22, ge=1, le=65535, description="Its SSH port.")
    user: str = Field(
        default="mariadb-ha-fence",
        pattern=r"^[a-z_][a-z0-9_-]*$",
        json_schema_extra=form("a Unix account's name"),
        description="The account there that has the key.",
    )
    host_key: str = Field(
        pattern=r"^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/=]+$",
        json_schema_extra=form("a public SSH host key without comment, such as ssh-ed25519 AAAA…"),
        description="Its public SSH host key (`ssh-keyscan`, compared at the console).",
    )
    domains: dict[str, str] = Field(
        default={}, description="The domain of a host, where it is not STACK-HOST as this project makes it."
    )


class IpmiController(Settings):
    """A server's power controller (ipmitool(1), lanplus)."""

    address: IPv4Address = Field(description="Address of the controller, on a network that both hosts reach.")
    user: str = Field(min_length=1, description="Its account; the privilege OPERATOR suffices.")
    password: SecretStr = Field(description="Its password (`pulumi config set --secret --path`).")
    cipher_suite: int = Field(default=17, ge=1, le=17, description="`-C`: 17 is RMCP+ with SHA-256; old ones know 3.")


class Fencing(Settings):
    """How a host is powered off (STONITH) before the other takes its place."""

    agent: Literal["command", "libvirt", "ipmi"] = Field(
        default="command", description="Who does it: a program of yours, the hypervisor, or a power controller."
    )
    command: str | None = Field(
        default=None,
        pattern=r"^/[^\n\"]+$",
        json_schema_extra=form("an absolute path, with arguments if need be, without quotes or line breaks"),
        description="For `command`: a program on both hosts, called as `COMMAND off HOST`. It must end with 0 only"
        " once that host is without power.",
    )
    timeout: int = Field(
        default=60,
        ge=10,
        le=300,
        description="Seconds that the agent gets. One that has not ended by then is ended, and has failed. A writer"
        " waits for that long, and what is promised of a power cut contains it: write what yours keeps.",
    )
    libvirt: LibvirtFencing | None = Field(default=None, description="For `libvirt`: the hypervisor.")
    ipmi: dict[str, IpmiController] = Field(default={}, description="For `ipmi`: the controller of each host.")

    @property
    def program(self) -> str:
        """What is called as `PROGRAM off HOST`."""
        return self.command or FENCE


def fencing_problems(key: str, fencing: Fencing, members: tuple[str, ...]) -> Iterator[Problem]:
    """What an agent lacks, and what is given for another one. `key`: of the section; `members`: both hosts."""
    given = {
        "command": fencing.command is not None,
        "libvirt": fencing.libvirt is not None,
        "ipmi": bool(fencing.ipmi),
    }
    if not given[fencing.agent]:
        yield Problem(
            f"{key}.{fencing.agent}",
            f"is missing, and {key}.agent is {fencing.agent}",
            "a silent host could not be powered off, and the other one would never take its place",
            f"write {key}.{fencing.agent}, or choose another agent",
        )
    for agent in sorted(agent for agent, has in given.items() if has and agent != fencing.agent):
        yield Problem(
            f"{key}.{agent}",
            f"is given, and {key}.agent is {fencing.agent}",
            "it would not be used, although it looks as if it were",
            f"remove it, or write {key}.agent: {agent}",
        )
    if fencing.agent == "ipmi" and fencing.ipmi:
        for host in members:
            if host not in fencing.ipmi:
                yield Problem(
                    f"{key}.ipmi.{host}",
                    "is missing",
                    f"nobody could power {host} off, and the other host would never take its place",
                    f"write its controller: {key}.ipmi.{host}: {{address: …, user: …, password: …}}",
                )
    domains = tuple(fencing.libvirt.domains) if fencing.libvirt else ()
    for where, hosts in (("ipmi", tuple(fencing.ipmi)), ("libvirt.domains", domains)):
        for host in hosts:
            if host not in members:
                yield Problem(
                    f"{key}.{where}.{host}",
                    f"{host} is no member",
                    "nobody fences it",
                    f"name {' and '.join(members)}",
                )


class PromotionValues(NamedTuple):
    """Seconds."""

    peer_timeout: float
    hang_timeout: float


class PromotionTimers(Settings):
    """Exceptions from the profile."""

    peer_timeout: float | None = Field(
        default=None, gt=0, description="Silence of the other promoter after which its host counts as not there."
    )
    hang_timeout: float | None = Field(
        default=None, gt=0, description="Silence of a server that runs after which it counts as hung."
    )


PROMOTION = TimerGroup(
    profiles={
        "classic": PromotionValues(5.0, 15.0)._asdict(),
        "lan": PromotionValues(1.0, 3.0)._asdict(),
        "wan": PromotionValues(5.0, 10.0)._asdict(),
    },
    floors={"peer_timeout": 0.7, "hang_timeout": 2.0},
    order=(
        Order(
            shorter="peer_timeout",
            longer="hang_timeout",
            times=1,
            follows="a server that only hangs would be taken for dead by its peer before its own promoter has"
            " stopped it",
        ),
    ),
)
