"""What is wrong with a master-master pair, in words."""

from __future__ import annotations

from collections.abc import Mapping

from ops.kinds.master_master.replication import Promoter, Replication, has
from ops.status.finding import Finding


def server_findings(host: str, seen: Replication, *, peer: str) -> list[Finding]:
    """One server's replication."""
    if seen.error:
        return [
            Finding(
                host=host,
                what=f"MariaDB did not tell its state ({seen.error})",
                follows="whether it replicates is not known",
                todo="ask again" if seen.slow else "systemctl status mariadb",
                severity="unknown" if seen.slow else "problem",
            )
        ]
    if seen.trouble:
        return [
            Finding(
                host=host,
                what=f"replication from {peer} has stopped: {seen.trouble}",
                follows="what is written there does not come here; nothing was skipped",
                todo="docs/runbook.md, replication has stopped",
            )
        ]
    if not seen.source:
        return [
            Finding(
                host=host,
                what=f"it does not replicate {peer}",
                follows="what is written there does not come here",
                todo="`pulumi up` sets it up",
            )
        ]
    if seen.io != "Yes" or seen.sql != "Yes":
        return [
            Finding(
                host=host,
                what=f"replication from {peer} does not run (IO {seen.io or 'No'}, SQL {seen.sql or 'No'})",
                follows="what is written there does not come here before it does",
                todo=f"see that MariaDB runs on {peer}; `START SLAVE` here where it was stopped by hand",
            )
        ]
    return []


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
