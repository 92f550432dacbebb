"""What is wrong with the directors: whether they forward to the right servers, alike, and with somebody to take
over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ops.hosts.facts import HostFacts
from ops.inventory import Endpoint, HostEntry
from ops.roles import vrrp
from ops.roles.agent import Agent
from ops.roles.ipvs import Ipvs, RealServer, Silence
from ops.status.finding import Finding
from ops.status.history import ago

#: What to look at where a server that is kept is …
LOOK_AT = {
    "late": "its MariaDB does not answer its health agent in time: disk, memory, SHOW PROCESSLIST",
    "silent": "whether it runs, whether mariadb-ha-agent does, and the link to it",
}


def _left_out(host: str, real: str, name: str, server: RealServer | None, agent: Agent | None) -> Finding:
    """A real server that a director sends no new clients to."""
    if server is not None and agent is not None and agent.drains:
        return Finding(
            host=host,
            what=f"{real} has weight 0 in IPVS for {name}, as its health agent asks ({agent.words})",
            follows=f"the {server.active} sessions on {real} stay, new clients go to the others",
            todo=f"nothing here: {real} comes back when its agent says 200",
            severity="warning",
        )
    state = "is not in IPVS" if server is None else "has weight 0 in IPVS"
    return Finding(
        host=host,
        what=f"{real} {state} for {name}",
        follows=f"clients are not sent to {real}; its health check fails, or has not passed yet",
        todo=f"see what the health agent on {real} says, and that {host} reaches it",
    )


def _closed_port(host: str, real: str, name: str, server: RealServer | None, why: str) -> Finding:
    """A real server that is well by its own word, and whose port takes no connections from the director."""
    taken_out = server is None or server.weight <= 0
    return Finding(
        host=host,
        what=f"MariaDB's port on {real} takes no connections from here ({why}), although its health agent says 200",
        follows=f"{host} sends new clients of {name} to the others"
        if taken_out
        else f"clients of {name} fail there; {real} keeps its place, for no other server answers either",
        todo=f"on {real}: `nft list ruleset` for what drops the port, `ss -ltn` for whether MariaDB listens; and the"
        f" link between {host} and {real}",
    )


def _kept(host: str, real: str, name: str, silence: Silence) -> Finding:
    """A real server that a director does not hear in time, and that has clients all the same."""
    since = "" if silence.seconds is None else f" for {ago(silence.seconds)}"
    return Finding(
        host=host,
        what=f"{real} is {silence.what} as seen from here{since}, and keeps its weight in IPVS for {name}",
        follows=f"it is kept because no other server takes clients: clients of {name} are sent to {real}, and may hang",
        todo=f"bring back another server: from then on {host} decides by itself whether {real} goes; on {real}"
        f" {LOOK_AT.get(silence.what, 'what holds it up')}",
        severity="warning",
    )


def service_findings(
    host: str,
    found: Ipvs,
    endpoint: Endpoint,
    *,
    real_servers: Sequence[str],
    hosts: Mapping[str, HostEntry],
    agents: Mapping[str, Agent | None],
    closed: Mapping[str, str],
    kept: Mapping[str, Silence],
) -> list[Finding]:
    """One virtual service of one director: the real servers that are not in it, and others that are. `closed`: those
    whose port takes no connections although they are well, and why; `kept`: those that are silent or late.
    """
    name = f"{endpoint.host}:{endpoint.port}"
    service = next((s for s in found.services or () if (s.host, s.port) == (endpoint.host, endpoint.port)), None)
    if service is None:
        return [
            Finding(
                host=host,
                what=f"IPVS has no virtual service {name}",
                follows="this director forwards nothing when it holds the VIP",
                todo="systemctl restart keepalived there, and ipvsadm -Ln",
            )
        ]
    by_address = {server.address: server for server in service.servers}
    findings = []
    for real in real_servers:
        server = by_address.get(hosts[real].address)
        if real in closed:
            findings.append(_closed_port(host, real, name, server, closed[real]))
        elif server is None or server.weight <= 0:
            findings.append(_left_out(host, real, name, server, agents.get(real)))
        elif real in kept:
            findings.append(_kept(host, real, name, kept[real]))
    for other, entry in hosts.items():
        if entry.address in by_address and other not in real_servers:
            what = "the reference node" if entry.has("reference") else "not a real server"
            findings.append(
                Finding(
                    host=host,
                    what=f"{other}, {what}, is in IPVS for {name}",
                    follows="clients are sent to a host that must not serve them",
                    todo=f"remove it: reload keepalived on {host}; if it returns, somebody changed its configuration"
                    " by hand",
                )
            )
    return findings


def no_table(host: str, error: str) -> Finding:
    """A director whose kernel has no IPVS table."""
    todo = "modprobe ip_vs, then restart keepalived"
    return Finding(host=host, what=f"no IPVS table ({error})", follows="it cannot forward", todo=todo)


def last_one(directors: Iterable[str], facts: Mapping[str, HostFacts]) -> list[Finding]:
    """One director where there should be more. One whose state could not be had may be another."""
    alive = [host for host in directors if facts[host].reached and facts[host].active(vrrp.SERVICE.unit)]
    if len(alive) != 1 or len(list(directors)) < 2 or any(facts[host].unknown for host in directors):
        return []
    return [
        Finding(
            host="stack",
            what=f"{alive[0]} is the only director left",
            follows="there is no redundancy: if it fails, clients reach nothing",
            todo="bring the other director back",
        )
    ]


def differing_tables(directors: Iterable[str], facts: Mapping[str, HostFacts]) -> list[Finding]:
    """Directors that forward differently."""
    tables = {}
    for host in directors:
        found = facts[host].part(Ipvs)
        if facts[host].reached and found is not None and found.services is not None:
            tables[host] = {
                (s.host, s.port): (s.scheduler, {(r.address, r.weight) for r in s.servers}) for s in found.services
            }
    hosts = list(tables)
    differing = [host for host in hosts[1:] if tables[host] != tables[hosts[0]]]
    if not differing:
        return []
    return [
        Finding(
            host="stack",
            what=f"the IPVS tables of {hosts[0]} and {', '.join(differing)} differ",
            follows="a failover would change where clients are sent",
            todo="compare ipvsadm -Ln and /etc/keepalived on the directors; one may just be checking a server anew",
        )
    ]
