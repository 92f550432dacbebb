"""Start this node by decision (start_decision): the loop behind galera-start, galera-join and galera-bootstrap."""

from __future__ import annotations

import re
import time

from galera_node import clear_stale_sst, describe, figures, forget_bootstrap, server_runs, start, synced, wait_synced
from galera_state import Config, disk_state, set_safe_to_bootstrap, write_recovered
from mha_common import Deadline, Failure, must, pause, say
from peer_state import ask_peers
from start_decision import Bootstrap, Decision, Join, Node, Recover, Refuse, Wait, decide, node_from_state

FOREVER = 10 * 365 * 86400.0
PATIENCE = 300.0
ATTEMPTS = 3


def look(config: Config) -> dict[str, Node | None]:
    """Every node as it is now: this one from its disk, the others from their agents."""
    states = {**ask_peers(config), config.node: disk_state(config)}
    return {name: node_from_state(states[name]) for name in config.nodes}


def ask_decision(config: Config, *, patient: bool) -> Decision:
    return decide(config.node, look(config), list(config.nodes), config.reference, patient=patient)


def recover(config: Config) -> None:
    """Learn the position of a server that was not stopped in order, and publish it through the agent."""
    output = must(
        ["galera_recovery"], todo="InnoDB cannot be read: save the data directory, then look at the lines above"
    )
    found = re.search(r"([0-9a-f]{8}-[0-9a-f-]{27}):(-?\d+)", output)
    uuid, seqno = (found[1], int(found[2])) if found else ("", -1)
    write_recovered(config.datadir, uuid, seqno)
    say(f"recovered position: {uuid}:{seqno}" if found else "no position could be recovered")


def start_node(config: Config, *, limit: float = FOREVER, attempts: int = ATTEMPTS) -> None:
    """Bring this node to Synced: wait for the others as long as needed (at most `limit` seconds), never over somebody's
    data.

    Raises Failure on a refusal (data untouched), after `attempts` starts that failed, or when the time is over.
    """
    deadline = Deadline(limit)
    failures = 0
    refused = ""
    forget_bootstrap()
    while True:
        now = figures()
        if synced(now):
            say(f"nothing to do: {describe(now)}")
            return
        if server_runs():
            say(f"MariaDB runs already: {describe(now)}")
            wait_synced(max(deadline.end - time.monotonic(), 1))
            return
        decision = ask_decision(config, patient=deadline.waited() < PATIENCE)
        if isinstance(decision, Join | Bootstrap):
            try:
                if begin(config, decision, max(deadline.end - time.monotonic(), 1)):
                    return
            except Failure:
                failures += 1
                if failures >= attempts or deadline.over():
                    raise
                say(f"start {failures} of {attempts} failed; looking again")
        elif isinstance(decision, Recover):
            say(decision.why)
            recover(config)
            continue
        elif isinstance(decision, Refuse) and refused == decision.why:
            raise Failure(decision.why, todo=decision.todo)
        # A refusal must hold for two looks: the others may be in the middle of a change.
        refused = decision.why if isinstance(decision, Refuse) else ""
        if isinstance(decision, Wait):
            deadline.note(decision.why)
        if deadline.over():
            raise Failure(
                f"not started after {deadline.waited():.0f} s: {decision.why}",
                todo="bring the nodes it names back, then run again",
            )
        pause(2)


def begin(config: Config, decision: Join | Bootstrap, seconds: float) -> bool:
    """Carry out the decision; False when the facts have changed in the meantime."""
    say(decision.why)
    if isinstance(decision, Join):
        clear_stale_sst(config.datadir)
        wait_synced(seconds, start())
        return True
    if not isinstance(ask_decision(config, patient=True), Bootstrap):
        say("the others have changed in the meantime; looking again")
        return False
    set_safe_to_bootstrap(config.datadir)
    wait_synced(seconds, start(new_cluster=True))
    return True
