"""Why a Galera node is not Synced, and what holds all of them up."""

from __future__ import annotations

from ops.kinds.galera.wsrep import Session, Wsrep
from ops.status.finding import Finding

DONOR, SYNCED = 2, 4  # wsrep_local_state: Donor/Desynced, Synced
#: A change of a schema that has run for so long (s) is worth a word.
LONG_TOI = 60.0
NO_NEW = "LVS sends no new clients here while another node can take them"


def not_synced(host: str, w: Wsrep) -> list[Finding]:
    """A node in another state than Synced, with the cause where it shows."""
    if w.number("local_state") == SYNCED:
        return []
    what = f"wsrep_local_state_comment is {w.text('local_state_comment') or 'unknown'}, not Synced"
    follows = NO_NEW if w.number("local_state") == DONOR else "LVS sends no clients here until it has caught up"
    todo = "wait for the state transfer to end; if it does not, journalctl -u mariadb on that host"
    if w.unanswered:
        what += f": it is to give its data to a joining node, and {', '.join(w.unanswered)} does not answer"
        follows += "; the other node does not get in, and tries again and again"
        todo = (
            "let TCP port 4444 pass from this host to that one (`nft list ruleset` there, and the link); runbook, A"
            " node that is held up"
        )
    elif w.number("local_state") == DONOR and w.variables.get("wsrep_desync") == "ON":
        what += ": wsrep_desync is ON, somebody has taken it out of flow control"
        follows += "; it may lag behind without limit"
        todo = "SET GLOBAL wsrep_desync=OFF once what it was set for has ended (a backup, as a rule)"
    elif w.number("local_state") == DONOR and w.sst == "":
        waiting = sum("lock" in session.state for session in w.sessions)
        what += ": a session holds FLUSH TABLES WITH READ LOCK or a backup's lock (no transfer runs)"
        what += f", and {waiting} wait for it" if waiting else ""
        follows += "; what the others write waits here"
        todo = "SHOW PROCESSLIST: a backup ends by itself; a session asleep since then is ended by KILL and its number"
    return [Finding(host=host, what=what, follows=follows, todo=todo)]


def long_changes(host: str, w: Wsrep) -> list[Finding]:
    """Changes of a schema that have run for long: in total order (TOI) they hold the whole cluster up."""
    return [_long_change(host, one) for one in w.sessions if one.seconds >= LONG_TOI and _in_total_order(one)]


def _in_total_order(session: Session) -> bool:
    return bool(session.statement) and session.statement != "CREATE TEMPORARY"


def _long_change(host: str, one: Session) -> Finding:
    waits = one.state.startswith("Waiting")
    return Finding(
        host=host,
        what=f"{one.statement} has run for {one.seconds:.0f} s (session {one.number} of {one.user}, "
        f"{one.state or 'no state'})",
        follows="every write of the whole cluster may wait until it has ended on each node (total order isolation)",
        todo="end the session that holds what it waits for (SHOW PROCESSLIST; an open transaction on that table)"
        if waits
        else "wait; do not kill the server. Long changes: runbook, A node that is held up",
        severity="problem" if waits else "warning",
    )
