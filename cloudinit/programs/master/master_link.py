"""Letting this server replicate the other one (mariadb.com/kb: CHANGE MASTER TO, GTID): nothing skipped or merged."""

from __future__ import annotations

from typing import Any

import gtid
import pymysql
from master_sql import REPLICAS, Master, rows
from master_state import Config
from mha_common import Deadline, Failure, pause, say
from mha_sql import SqlError, query, words

PATIENCE = 120.0
#: The source does not know the position (yet): it may still have to apply it itself.
AHEAD = "error 1236"


def remote(config: Config, given: dict[str, str]) -> pymysql.connections.Connection[Any]:
    """The other server, as the replication account. Raises SqlError."""
    try:
        return pymysql.connect(
            host=config.peer_address,
            port=config.port,
            user=given["user"],
            password=given["password"],
            connect_timeout=5,
            read_timeout=10,
            write_timeout=10,
            autocommit=True,
        )
    except (pymysql.MySQLError, OSError, RuntimeError) as error:
        raise SqlError(words(error)) from None


def state_of(connection: pymysql.connections.Connection[Any]) -> dict[tuple[int, int], int]:
    """What the server has in its binary log. Raises SqlError."""
    ((text,),) = query(connection, "SELECT @@GLOBAL.gtid_binlog_state")
    return gtid.parse(str(text or ""))


def their_state(config: Config, given: dict[str, str], *, patience: float = PATIENCE) -> dict[tuple[int, int], int]:
    """Waits until the other server lets the account in. Raises Failure."""
    deadline = Deadline(patience)
    while True:
        try:
            connection = remote(config, given)
            try:
                return state_of(connection)
            finally:
                connection.close()
        except SqlError as error:
            if deadline.over():
                raise Failure(
                    f"{config.peer} does not let the replication account in after {deadline.waited():.0f} s: {error}",
                    todo=f"see that MariaDB runs on {config.peer} and that its firewall admits this host, then"
                    " run again",
                ) from None
            deadline.note(f"waiting for {config.peer}: {error}")
            pause(1)


def is_ours(replica: dict[str, Any], config: Config, given: dict[str, str]) -> bool:
    return (replica["Master_Host"], int(replica["Master_Port"]), replica["Master_User"]) == (
        config.peer_address,
        config.port,
        given["user"],
    )


def change(master: Master, config: Config, given: dict[str, str], *, wrote: bool) -> None:
    """Point the replica at the other server. What this server wrote itself counts as replicated: the other one has
    it, or gets it.
    """
    connection = master.connection()
    query(connection, "STOP SLAVE")
    demote = ", MASTER_DEMOTE_TO_SLAVE = 1" if wrote else ""
    query(
        connection,
        "CHANGE MASTER TO MASTER_HOST = %s, MASTER_PORT = %s, MASTER_USER = %s, MASTER_PASSWORD = %s,"
        " MASTER_USE_GTID = slave_pos"
        f", MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 1{demote}",
        (config.peer_address, config.port, given["user"], given["password"]),
    )
    query(connection, "START SLAVE")


def wait_runs(master: Master, config: Config) -> None:
    """Until both threads run. Raises Failure with what stopped them."""
    deadline = Deadline(PATIENCE)
    while True:
        seen = master.look()
        if seen.trouble.startswith(AHEAD) and not deadline.over():
            deadline.note(f"{config.peer} has not applied yet what this server has: {seen.trouble}")
            pause(0.5)
            query(master.connection(), "START SLAVE")
            continue
        if seen.trouble:
            raise Failure(
                f"replication from {config.peer} stopped: {seen.trouble}",
                todo="docs/runbook.md, replication has stopped; nothing was skipped",
            )
        if seen.connected:
            return
        if deadline.over():
            raise Failure(
                f"no connection to {config.peer} after {deadline.waited():.0f} s",
                todo="`journalctl -u mariadb`; run again once it is there",
            )
        deadline.note(f"waiting for the connection to {config.peer}")
        pause(0.5)


def follow(config: Config, given: dict[str, str]) -> bool:
    """Make this server a replica of the other one; whether anything had to be done. Raises Failure: each has what the
    other lacks, or replication has stopped over what this server lacks.
    """
    master = Master(timeout=30)
    try:
        mine, theirs = state_of(master.connection()), their_state(config, given)
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
        done = bool(replicas) and is_ours(replicas[0], config, given) and not seen.trouble
        if not done:
            change(master, config, given, wrote=bool(mine))
        wait_runs(master, config)
    except SqlError as error:
        raise Failure(
            f"MariaDB refused a statement: {str(error).replace(given['password'], '…')}",
            todo="`journalctl -u mariadb`",
        ) from None
    finally:
        master.close()
    say(f"nothing to do: replicates {config.peer}" if done else f"replicates {config.peer} by GTID")
    return not done
