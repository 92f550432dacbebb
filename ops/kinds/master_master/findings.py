"""What is wrong with a master-master pair, in words."""

from __future__ import annotations

from collections.abc import Mapping

from ops.kinds.master_master.replication import Promoter, Replication
from ops.roles.promoter import promoter_findings as promoter_findings
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
