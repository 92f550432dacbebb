"""Letting this server replicate the other one of its pair: nothing skipped or merged."""

from __future__ import annotations

import follow as following
import gtid
from follow import Source
from master_sql import Master
from master_state import Config
from mha_common import Failure, say
from mha_sql import SqlError
from replica_sql import REPLICAS, rows


def follow(config: Config, given: dict[str, str]) -> bool:
    """Make this server a replica of the other one; whether anything had to be done. Raises Failure: each has what the
    other lacks, or replication has stopped over what this server lacks.
    """
    source = Source(config.peer, config.peer_address, config.port, given["user"], given["password"])
    master = Master(timeout=30)
    try:
        mine, theirs = following.state_of(master.connection()), following.their_state(source)
        if gtid.diverged(mine, theirs):
            here, there = gtid.words(gtid.lacking(theirs, mine)), gtid.words(gtid.lacking(mine, theirs))
            raise Failure(
                f"this server has transactions that {config.peer} lacks (up to {here}), and lacks others"
                f" (up to {there}): neither can follow the other",
                todo="docs/runbook.md, a server that cannot follow: decide whose data counts; nothing was changed",
            )
        replicas = rows(master.connection(), REPLICAS)
        seen = master.look()
        # Where the other server has nothing that this one lacks, an error is about what this one has already.
        if seen.trouble.startswith("error") and gtid.lacking(mine, theirs):
            raise Failure(
                f"replication from {config.peer} has stopped: {seen.trouble}",
                todo="docs/runbook.md, replication has stopped",
            )
        done = bool(replicas) and following.is_ours(replicas[0], source) and not seen.trouble
        if not done:
            following.change(master.connection(), source, wrote=bool(mine))
        following.wait_runs(master.connection(), source)
    except SqlError as error:
        raise Failure(
            f"MariaDB refused a statement: {str(error).replace(given['password'], '…')}",
            todo="`journalctl -u mariadb`",
        ) from None
    finally:
        master.close()
    say(f"nothing to do: replicates {config.peer}" if done else f"replicates {config.peer} by GTID")
    return not done
