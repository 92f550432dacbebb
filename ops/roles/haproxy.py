"""haproxy on a host: its servers, and whom it sends clients to (haproxy's management guide, show stat)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.markup import escape
from rich.table import Table

from ops.component import Service, Unit

SERVICE = Service(unit="haproxy", words="haproxy")
UNIT = Unit(
    name=SERVICE.unit,
    follows="this balancer sends no client anywhere, and may not hold the VIP",
    todo="systemctl start haproxy, and journalctl -u haproxy for why it ended",
)


@dataclass(frozen=True, kw_only=True)
class PoolServer:
    """A server of a backend. `status` in haproxy's words (`UP`, `DOWN`, `NOLB`, `no check`); `check`: the last check's
    end (`L7OK`, `L4TOUT`); `sessions`: open now; `backup`: only while the others are down.
    """

    pool: str
    name: str
    status: str
    check: str = ""
    sessions: int = 0
    total: int = 0
    backup: bool = False

    @property
    def usable(self) -> bool:
        """haproxy sends new sessions there. `UP 1/2`: a check failed, and not often enough yet."""
        return self.status.split()[0] == "UP" or self.status == "no check"


@dataclass(frozen=True, kw_only=True)
class Haproxy:
    """What haproxy said of its servers; `error`: why it said nothing."""

    servers: tuple[PoolServer, ...] = ()
    error: str = ""

    def pool(self, name: str) -> tuple[PoolServer, ...]:
        """The servers of one backend."""
        return tuple(server for server in self.servers if server.pool == name)


def parse_haproxy(said: Mapping[str, Any]) -> Haproxy | None:
    """From what host-facts said; None on a host that was not asked."""
    found = said.get("haproxy")
    if not found:
        return None
    servers = tuple(
        PoolServer(
            pool=row["pxname"],
            name=row["svname"],
            status=row["status"] or "unknown",
            check=row.get("check_status") or "",
            sessions=int(row["scur"] or 0),
            total=int(row["stot"] or 0),
            backup=row["bck"] == "1",
        )
        for row in found["servers"]
    )
    return Haproxy(servers=servers, error=found["error"])


def pools_table(title: str, said: Mapping[str, Haproxy | None]) -> Table:
    """The pools of several hosts, by name."""
    table = Table("balancer", "pool", "server", "status", "check", "sessions", title=title, title_justify="left")
    for host, found in said.items():
        last = ("", "")
        for server in found.servers if found else ():
            now = (host, server.pool)
            colour = "green" if server.usable else "yellow" if server.status.startswith("NOLB") else "red"
            name = f"{server.name} (backup)" if server.backup else server.name
            head = (host if last[0] != host else "", server.pool if last != now else "")
            status = f"[{colour}]{escape(server.status)}[/]"
            table.add_row(*head, name, status, escape(server.check), str(server.sessions))
            last = now
    return table
