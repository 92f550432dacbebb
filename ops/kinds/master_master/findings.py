"""What is wrong with a master-master pair, in words."""

from __future__ import annotations

from collections.abc import Mapping

from ops.kinds.master_master.replication import Promoter
from ops.roles.agent import Agent, agent_finding
from ops.roles.replication import Replication
from ops.status.finding import Finding


def unconfirmed(host: str, seen: Replication) -> list[Finding]:
    """A writer whose writes nobody confirms."""
    if seen.error or seen.read_only or not seen.semi_sync or seen.confirms:
        return []
    return [
        Finding(
            host=host,
            what=f"its writes are unconfirmed: no replica answers ({seen.unconfirmed_writes} so far)",
            follows="a write that is acknowledged now is on this server alone, and lost with it",
            todo="bring the other server back; semi_sync.without_peer: block makes writes wait instead",
            severity="warning",
        )
    ]


def routed_elsewhere(host: str, said: Agent, *, peer: str, draining: bool) -> list[Finding]:
    """Behind directors: why this server gets no clients."""
    if draining:
        return []
    if said.words.startswith("stands by"):
        return [
            Finding(
                host=host,
                what=f"it {said.words}, although routing prefers it",
                follows="clients stay where they are; this server takes over when that one fails",
                todo=f"nothing; to bring them back at a time of your choice: docs/runbook.md, clients are at {peer}",
                severity="warning",
            )
        ]
    return [agent_finding(host, said, serves=True)]


def promoter_findings(host: str, said: Promoter) -> list[Finding]:
    """What a promoter says of its own host."""
    if not said.heard:
        return [
            Finding(
                host=host,
                what="its promoter does not answer",
                follows="nobody decides on this host whether it may hold the VIP",
                todo="journalctl -u mariadb-ha-promoter",
            )
        ]
    if not said.eligible:
        return [
            Finding(
                host=host,
                what=f"it may not hold the VIP: {said.ineligible}",
                follows="the pair has no stand-by",
                todo="docs/runbook.md, a server that cannot follow"
                if said.needs_person
                else "wait, or mend what it names",
            )
        ]
    if said.vip and not said.active:
        return [
            Finding(
                host=host,
                what=f"it holds the VIP and takes no writes: {said.why}",
                follows="clients are let in and refused",
                todo="wait; if it stays, journalctl -u mariadb-ha-promoter on both hosts",
            )
        ]
    return []


def two_writers(promoters: Mapping[str, Promoter]) -> list[Finding]:
    """Both take writes."""
    writers = [host for host, said in promoters.items() if said.active]
    if len(writers) < 2:
        return []
    return [
        Finding(
            host="stack",
            what=f"{' and '.join(writers)} both take writes",
            follows="their data diverges, and replication stops where it does",
            todo="docs/runbook.md, two writers: take the VIP from the one that has it wrongly, at once",
        )
    ]
