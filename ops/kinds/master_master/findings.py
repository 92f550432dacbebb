"""What is wrong with a master-master pair, in words."""

from __future__ import annotations

from collections.abc import Mapping

from ops.roles.agent import Agent, agent_finding
from ops.roles.promoter import Promoter
from ops.roles.replication import Replication, has
from ops.status.finding import Finding


def surplus_findings(host: str, seen: Replication, theirs: Replication | None, *, peer: str) -> list[Finding]:
    """Transactions that only this server has; nothing where the other one has them meanwhile, or is not known."""
    surplus = seen.surplus
    if surplus is None or (theirs is not None and has(theirs.gtid, surplus.gtid)):
        return []
    return [
        Finding(
            host=host,
            what=f"it has {surplus.transactions} transactions that {peer} has not ({surplus.gtid}, after"
            f" {surplus.after or 'the beginning'}), which changed {surplus.words()}",
            follows=f"it cannot follow {peer}; nothing was merged, and they are saved on {host} in {surplus.file}",
            todo=f"take over by hand what is to be kept, then: hactl rejoin {host} --discard-its-own",
        )
    ]


def clone_findings(host: str, seen: Replication) -> list[Finding]:
    """A copy of the other server that was cut short."""
    if not seen.clone:
        return []
    return [
        Finding(
            host=host,
            what=f"making it a copy of the other server is under way, or was cut short (stage {seen.clone})",
            follows="it is no stand-by before that is done; what it had is kept aside",
            todo=f"wait, or: hactl rejoin {host}",
        )
    ]


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
