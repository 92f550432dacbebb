"""What is wrong with a replica, in words."""

from __future__ import annotations

from ops.roles.agent import Agent
from ops.roles.replication import Replication
from ops.status.finding import Finding


def not_fit(host: str, said: Agent, *, draining: bool) -> list[Finding]:
    """A replica that is sent no reads by its own agent's word. One that drains has a finding of its own, and one that
    sends new clients elsewhere because it is full."""
    if said.status == 200 or draining or (said.full and said.drains):
        return []
    return [
        Finding(
            host=host,
            what=f"it takes no reads: {said.words}",
            follows="the other replicas carry its share; with none left, reads go where the settings say",
            todo="wait until it has caught up; if it does not, docs/runbook.md, a replica that lags",
        )
    ]


def writable(host: str, seen: Replication) -> list[Finding]:
    """A replica that takes writes."""
    if seen.error or seen.read_only:
        return []
    return [
        Finding(
            host=host,
            what="read_only is OFF on a replica",
            follows="a write that comes here is on this host alone, and replication stops where it meets another",
            todo="SET GLOBAL read_only = ON there",
        )
    ]


def other_source(host: str, seen: Replication, vip: str) -> list[Finding]:
    """A replica that follows somebody else."""
    if seen.error or not seen.source or seen.source == vip:
        return []
    return [
        Finding(
            host=host,
            what=f"it follows {seen.source}, not the VIP {vip}",
            follows="after a change of writers it follows one that takes no writes",
            todo="`pulumi up` points it at the VIP",
        )
    ]
