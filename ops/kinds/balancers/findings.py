"""What is wrong with balancers: whom they send clients to, and whether somebody is left to take over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ops.hosts.facts import HostFacts
from ops.roles import haproxy, vrrp
from ops.roles.agent import Agent
from ops.roles.haproxy import Haproxy
from ops.status.finding import Finding

#: Where reads go while no replica is fit for them, in words, by `reads_when_all_lag`.
INSTEAD = {
    "master": "reads go to the server that takes writes, beside its writes",
    "refuse": "clients that read are turned away",
    "replicas": "reads go to replicas however far they lag",
}


def says_nothing(host: str, error: str) -> Finding:
    """haproxy runs and does not answer on its socket."""
    return Finding(
        host=host,
        what=f"haproxy does not answer on its socket ({error})",
        follows="whom it sends clients to is not known",
        todo="systemctl status haproxy there",
    )


def left_out(host: str, found: Haproxy, agents: Mapping[str, Agent | None]) -> list[Finding]:
    """Replicas that say that they take reads, and that haproxy sends none. Those that say that they do not have a
    finding of their own.
    """
    findings = []
    for server in found.pool("replicas"):
        said = agents.get(server.name)
        if server.usable or server.backup or said is None or said.status != 200:
            continue
        findings.append(
            Finding(
                host=host,
                what=f"haproxy sends {server.name} no reads: {server.status} {server.check}".rstrip(),
                follows=f"{server.name} is fit for them and idle",
                todo=f"see that {host} reaches the health agent and MariaDB on {server.name}; its check may just not"
                " have come round yet",
                severity="warning",
            )
        )
    return findings


def nobody_reads(host: str, found: Haproxy, instead: str) -> list[Finding]:
    """No replica is fit for reads."""
    replicas = [server for server in found.pool("replicas") if not server.backup]
    if not replicas or any(server.usable for server in replicas):
        return []
    if kept := kept_for_reads(found):
        return [
            Finding(
                host=host,
                what=f"nobody who may take reads answers haproxy in time, and it keeps {' and '.join(kept)} for them",
                follows="clients that read are sent to who has not said no since its last yes, and may hang",
                todo="see what is said of the replicas, and whether this balancer reaches them; the first one that"
                " answers in time takes all new reads",
            )
        ]
    return [
        Finding(
            host=host,
            what="haproxy has no replica that is fit for reads",
            follows=INSTEAD.get(instead, instead),
            todo="see what is said of the replicas",
        )
    ]


def kept_for_reads(found: Haproxy) -> list[str]:
    """Whom haproxy sends reads to by their last word, for nobody answers in time (backend `held`, decision 0036)."""
    if any(server.usable for pool in ("replicas", "lagging") for server in found.pool(pool)):
        return []
    held = [server for server in found.pool("held") if server.usable]
    return [server.name for server in held if not server.backup] or [server.name for server in held]


def last_one(balancers: Sequence[str], facts: Mapping[str, HostFacts]) -> list[Finding]:
    """One balancer where there should be more. One whose state could not be had may be another."""
    units = (haproxy.UNIT.name, vrrp.UNIT.name)
    alive = [host for host in balancers if facts[host].reached and all(facts[host].active(unit) for unit in units)]
    if len(alive) != 1 or len(balancers) < 2 or any(facts[host].unknown for host in balancers):
        return []
    return [
        Finding(
            host="stack",
            what=f"{alive[0]} is the only balancer left",
            follows="there is no redundancy: if it fails, clients reach nothing",
            todo="bring the other balancer back",
        )
    ]
