"""The health agent of a database server: what it answers to whoever forwards clients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.markup import escape

from ops.component import Unit
from ops.status.finding import Finding

UNIT = Unit(
    name="mariadb-ha-agent",
    follows="health checks fail and LVS sends no clients here",
    todo="systemctl start mariadb-ha-agent",
)

#: Share of max_connections in use from which it is worth a word.
NEARLY = 0.85


@dataclass(frozen=True, kw_only=True)
class Agent:
    """The agent's answer: HTTP status (0: none) and its words, and how long they took (`seconds`); how many
    `connections` its server has and how many it may have (0: not known); `full`: it takes no client more, as far as the
    agent knows.

    200: take clients; 404: see `drains`; 503: take none.
    """

    status: int
    words: str
    seconds: float = 0.0
    connections: int = 0
    max_connections: int = 0
    full: bool = False

    @property
    def drains(self) -> bool:
        """404: keep the sessions that you have and send no new ones (haproxy's `disable-on-404`)."""
        return self.status == 404


def parse_agent(said: Mapping[str, Any]) -> Agent | None:
    """From what host-facts said; None where there is no agent."""
    found = said.get("agent")
    if not found:
        return None
    room = found.get("room") or {}
    return Agent(
        status=found["status"],
        words=found["words"],
        seconds=found["seconds"],
        connections=room.get("connections", 0),
        max_connections=room.get("max_connections", 0),
        full=room.get("full", False),
    )


def room_findings(host: str, agent: Agent | None) -> list[Finding]:
    """A server that has no room for connections, or hardly any."""
    if agent is None or not (agent.full or 0 < NEARLY * agent.max_connections <= agent.connections):
        return []
    counted = bool(agent.max_connections)
    full = agent.connections >= agent.max_connections if counted else agent.full
    return [
        Finding(
            host=host,
            what=f"{agent.connections} of {agent.max_connections} connections are used"
            if counted
            else "it takes no connection more, its health agent's neither (error 1040)",
            follows='new clients here get "Too many connections"; sessions that are there work on'
            if full
            else 'at the limit new clients here get "Too many connections"',
            todo="SHOW PROCESSLIST for whose they are (an application that never closes its sessions, or a statement"
            " that all wait for); then a smaller pool there, or a larger max_connections",
            severity="problem" if full else "warning",
        )
    ]


def room_cell(agent: Agent | None) -> str:
    """For a table."""
    if agent is None or not agent.max_connections:
        return "[red]full[/]" if agent and agent.full else "–"
    used = agent.connections / agent.max_connections
    colour = "red" if used >= 1 else "yellow" if used >= NEARLY else ""
    words = f"{agent.connections} of {agent.max_connections}"
    return f"[{colour}]{words}[/]" if colour else words


def agent_finding(host: str, agent: Agent, *, serves: bool) -> Finding:
    """An agent that does not say 200. `serves`: clients are sent to this host."""
    none = "LVS leaves the sessions here and sends no new ones" if agent.drains else "LVS sends no clients here"
    mend = "mend what the agent names (journalctl -u mariadb-ha-agent)"
    return Finding(
        host=host,
        what=f"the health agent says {agent.status or 'nothing'}: {agent.words}",
        follows=none if serves else "no client notices, for LVS does not know this node",
        todo="wait until what the agent names has ended" if agent.drains else mend,
        severity="problem" if serves else "warning",
    )


def agent_cell(agent: Agent | None) -> str:
    """For a table."""
    if agent is None:
        return "–"
    colour = "green" if agent.status == 200 else "yellow" if agent.drains else "red"
    return f"[{colour}]{agent.status or 'none'}[/] {escape(agent.words)}"


def serves_script(address: str, port: int) -> str:
    """A bash script, light for the host, that ends with 0 when its agent says 200."""
    ask = f"exec 3<>/dev/tcp/{address}/{port} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3"
    return f'{{ {ask}; }} 2>/dev/null && read -r -t 4 _ code _ <&3 && [ "$code" = 200 ]'
