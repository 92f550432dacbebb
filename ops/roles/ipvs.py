"""The kernel's IPVS table of a director: what it forwards, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class RealServer:
    """A line of the table. `weight` 0: no new connections."""

    address: str
    port: int
    forward: str
    weight: int
    active: int
    inactive: int


@dataclass(frozen=True, kw_only=True)
class VirtualService:
    """A virtual service of the table."""

    host: str
    port: int
    scheduler: str
    flags: str = ""
    servers: tuple[RealServer, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ipvs:
    """What a director said of its table. `services` None: there is none, and `error` says why."""

    services: tuple[VirtualService, ...] | None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Real servers whose port for clients takes no connections from a director, by name, with the reason."""

    closed: Mapping[str, str]


def parse_ports(said: Mapping[str, Any]) -> Ports | None:
    """From what host-facts said; None on a host that does not look."""
    return Ports(closed=dict(said["ports"])) if "ports" in said else None


@dataclass(frozen=True, kw_only=True)
class Silence:
    """`what` a real server is to a director (`silent`, `late`), and for how long; None: since before drain-watch
    started."""

    what: str
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Real servers that have clients although they are silent or late, for no other one takes any, by name."""

    servers: Mapping[str, Silence]


def parse_kept(said: Mapping[str, Any]) -> Kept | None:
    """From what host-facts said; None on a host that does not listen for real servers."""
    if "kept" not in said:
        return None
    return Kept(servers={name: Silence(what=one["what"], seconds=one["seconds"]) for name, one in said["kept"].items()})


def _endpoint(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def parse_table(text: str) -> tuple[VirtualService, ...]:
    """The table that `ipvsadm -Ln` prints (ipvsadm(8)). Services by firewall mark are left out: they have no
    address."""
    services: list[VirtualService] = []
    current: list[RealServer] | None = None
    tables: list[list[RealServer]] = []
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 3 and words[0] == "FWM":
            current = None
        elif len(words) >= 3 and words[0] in ("TCP", "UDP", "SCTP"):
            host, port = _endpoint(words[1])
            services.append(VirtualService(host=host, port=port, scheduler=words[2], flags=" ".join(words[3:])))
            current = []
            tables.append(current)
        elif current is not None and len(words) == 6 and words[0] == "->" and words[3].lstrip("-").isdigit():
            host, port = _endpoint(words[1])
            weight, active, inactive = map(int, words[3:])
            server = RealServer(
                address=host, port=port, forward=words[2], weight=weight, active=active, inactive=inactive
            )
            current.append(server)
    return tuple(replace(service, servers=tuple(servers)) for service, servers in zip(services, tables, strict=True))


def parse_ipvs(said: Mapping[str, Any]) -> Ipvs | None:
    """From what host-facts said; None on a host that was not asked."""
    found = said.get("ipvs")
    if not found:
        return None
    if found["code"]:
        return Ipvs(services=None, error=(found["text"].strip().splitlines() or ["no table"])[0])
    return Ipvs(services=parse_table(found["text"]))


def ipvs_table(title: str, tables: Mapping[str, Ipvs | None], names: Mapping[str, str]) -> Table:
    """The tables of several directors, by name. `names`: hosts by address."""
    heads = ("director", "virtual service", "scheduler", "real server", "forward", "weight", "active", "inactive")
    table = Table(*heads, title=title, title_justify="left")
    for host, found in tables.items():
        for service in (found.services if found else None) or ():
            head = [host, f"{service.host}:{service.port}", f"{service.scheduler} {service.flags}".strip()]
            for server in service.servers:
                counts = (server.weight, server.active, server.inactive)
                table.add_row(*head, names.get(server.address, server.address), server.forward, *map(str, counts))
                head = ["", "", ""]
            if not service.servers:
                table.add_row(*head, "[red]none[/]", "", "", "", "")
    return table
