"""What is wrong with a master-master pair, in words."""

from __future__ import annotations

from collections.abc import Mapping

from ops.roles.agent import Agent, agent_finding
from ops.roles.promoter import Promoter
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
