"""A MariaDB server: whether it runs, and runs with the configuration that lies on its host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops.component import Service, Unit
from ops.hosts.facts import HostFacts
from ops.roles.agent import Agent, room_findings
from ops.status.finding import Finding

SERVICE = Service(unit="mariadb", words="MariaDB")
UNIT = Unit(
    name=SERVICE.unit,
    follows="the cluster has one copy of the data less",
    todo="systemctl start mariadb (it joins by itself while another node is up), and journalctl -u mariadb for why"
    " it ended",
)


@dataclass(frozen=True, kw_only=True)
class Server:
    """What the host said of its server.

    Attributes:
        not_in_force: our files of its configuration that are not as the running server has read them.
        rolling: the rolling change that took it out of service is at work on it now.
    """

    not_in_force: tuple[str, ...] = ()
    rolling: bool = False


def parse_server(said: Mapping[str, Any]) -> Server:
    """From what host-facts said."""
    return Server(not_in_force=tuple(said.get("not_in_force", ())), rolling=said.get("rolling", False))


def server_findings(host: str, facts: HostFacts) -> list[Finding]:
    """A running server without room for connections, or that has not read its configuration."""
    if not facts.active(SERVICE.unit):
        return []
    found = room_findings(host, facts.part(Agent))
    server = facts.part(Server)
    if server is None or not server.not_in_force:
        return found
    return [
        *found,
        Finding(
            host=host,
            what=f"its running server has not read its configuration as it is now ({', '.join(server.not_in_force)})",
            follows="MariaDB still runs with the settings of its last start",
            todo="`pulumi up` restarts the nodes that need it, one after the other; what was changed by hand: `hactl"
            " drift`",
            severity="warning",
        ),
    ]
