"""What is wrong with the directors: who holds the VIPs, and whether IPVS forwards to the right servers."""

from __future__ import annotations

from collections.abc import Mapping

from ops.facts import Agent, HostFacts, RealServer, VirtualService
from ops.inventory import Endpoint, Inventory
from ops.problem import Problem


def holders(inventory: Inventory, facts: Mapping[str, HostFacts], vip: str) -> list[str]:
    """The directors that have the address on their link. Addresses are the truth; logs may lag."""
    return [host for host in inventory.with_role("director") if facts[host].reached and facts[host].holds(vip)]


def preferred(inventory: Inventory) -> str | None:
    """The director with the highest priority, which takes the VIP back where preemption is on."""
    ranked = sorted(inventory.with_role("director").items(), key=lambda item: -(item[1].priority or 0))
    return ranked[0][0] if ranked and inventory.vrrp and inventory.vrrp.preempt else None


def _vip(inventory: Inventory, facts: Mapping[str, HostFacts], vip: str) -> list[Problem]:
    held = holders(inventory, facts, vip)
    if not held and any(facts[host].unknown for host in inventory.with_role("director")):
        return []  # a director whose state is unknown is told as such; it may well hold the VIP
    if not held:
        return [
            Problem(
                host="stack",
                figure=f"no director holds the VIP {vip}",
                follows="clients reach nothing",
                todo="start keepalived on a director; if it runs, its log says why it does not become MASTER",
            )
        ]
    if len(held) > 1:
        return [
            Problem(
                host="stack",
                figure=f"{' and '.join(held)} both hold the VIP {vip}",
                follows="split brain of the directors: clients reach now one, now the other, and sessions break",
                todo="let VRRP (IP protocol 112) pass between them; meanwhile stop keepalived on the one with the lower priority",
            )
        ]
    first = preferred(inventory)
    if first and held != [first] and facts[first].reached and facts[first].units.get("keepalived") == "active":
        delay = inventory.vrrp.preempt_delay_s if inventory.vrrp else 0
        return [
            Problem(
                host=first,
                figure=f"{held[0]} holds the VIP {vip} although {first} has the higher priority",
                follows=f"{first} takes it back within {delay:g} s of its return, or cannot",
                todo=f"wait {delay:g} s; if it stays, journalctl -u keepalived on {first}",
                severity="warning",
            )
        ]
    return []


def _find(services: tuple[VirtualService, ...], endpoint: Endpoint) -> VirtualService | None:
    return next((s for s in services if (s.host, s.port) == (endpoint.host, endpoint.port)), None)


def _left_out(host: str, real: str, name: str, server: RealServer | None, agent: Agent | None) -> Problem:
    """A real server that a director sends no new clients to."""
    if server is not None and agent is not None and agent.drains:
        return Problem(
            host=host,
            figure=f"{real} has weight 0 in IPVS for {name}, as its health agent asks ({agent.words})",
            follows=f"the {server.active} sessions on {real} stay, new clients go to the others",
            todo=f"nothing here: {real} comes back when its agent says 200",
            severity="warning",
        )
    state = "is not in IPVS" if server is None else "has weight 0 in IPVS"
    return Problem(
        host=host,
        figure=f"{real} {state} for {name}",
        follows=f"clients are not sent to {real}; its health check fails, or has not passed yet",
        todo=f"see what the health agent on {real} says, and that {host} reaches it",
    )


def _table(inventory: Inventory, facts: HostFacts, endpoint: Endpoint, agents: Mapping[str, Agent | None]) -> list[Problem]:
    host, name = facts.host, f"{endpoint.host}:{endpoint.port}"
    service = _find(facts.ipvs or (), endpoint)
    if service is None:
        return [
            Problem(
                host=host,
                figure=f"IPVS has no virtual service {name}",
                follows="this director forwards nothing when it holds the VIP",
                todo="systemctl restart keepalived there, and ipvsadm -Ln",
            )
        ]
    by_address = {server.address: server for server in service.servers}
    found = []
    for real, entry in inventory.with_role("realserver").items():
        server = by_address.get(entry.address)
        if server is None or server.weight <= 0:
            found.append(_left_out(host, real, name, server, agents.get(real)))
    for other, entry in inventory.hosts.items():
        if entry.address in by_address and not entry.has("realserver"):
            kind = "the reference node" if entry.has("reference") else "not a real server"
            found.append(
                Problem(
                    host=host,
                    figure=f"{other}, {kind}, is in IPVS for {name}",
                    follows="clients are sent to a host that must not serve them",
                    todo=f"remove it: reload keepalived on {host}; if it returns, somebody changed its configuration by hand",
                )
            )
    return found


def _agreement(inventory: Inventory, facts: Mapping[str, HostFacts]) -> list[Problem]:
    tables = {}
    for host in inventory.with_role("director"):
        table = facts[host].ipvs
        if facts[host].reached and table is not None:
            tables[host] = {(s.host, s.port): (s.scheduler, {(r.address, r.weight) for r in s.servers}) for s in table}
    hosts = list(tables)
    differing = [host for host in hosts[1:] if tables[host] != tables[hosts[0]]]
    if not differing:
        return []
    return [
        Problem(
            host="stack",
            figure=f"the IPVS tables of {hosts[0]} and {', '.join(differing)} differ",
            follows="a failover would change where clients are sent",
            todo="compare ipvsadm -Ln and /etc/keepalived on the directors; one may just be checking a server anew",
        )
    ]


def judge_directors(inventory: Inventory, facts: Mapping[str, HostFacts]) -> list[Problem]:
    """All findings about VIPs, VRRP and IPVS."""
    directors = inventory.with_role("director")
    if not directors:
        return []
    agents = {host: one.agent for host, one in facts.items() if one.reached}
    found = [problem for vip in inventory.vips for problem in _vip(inventory, facts, vip)]
    for host in directors:
        mine = facts[host]
        if not mine.reached or mine.units.get("keepalived") != "active":
            continue
        if mine.vrrp_log == "FAULT" and not any(mine.holds(vip) for vip in inventory.vips):
            found.append(
                Problem(
                    host=host,
                    figure="keepalived's last state is FAULT",
                    follows="it cannot take the VIP: the directors have no redundancy",
                    todo=f"journalctl -u keepalived on {host} names the interface or check that failed",
                )
            )
        if mine.ipvs is None:
            found.append(
                Problem(host=host, figure=f"no IPVS table ({mine.ipvs_error})", follows="it cannot forward", todo="modprobe ip_vs, then restart keepalived")
            )
        else:
            found += [problem for endpoint in inventory.endpoints for problem in _table(inventory, mine, endpoint, agents)]
    alive = [host for host in directors if facts[host].reached and facts[host].units.get("keepalived") == "active"]
    if len(alive) == 1 and len(directors) > 1 and not any(facts[host].unknown for host in directors):
        found.append(
            Problem(
                host="stack",
                figure=f"{alive[0]} is the only director left",
                follows="there is no redundancy: if it fails, clients reach nothing",
                todo="bring the other director back",
            )
        )
    return found + _agreement(inventory, facts)
