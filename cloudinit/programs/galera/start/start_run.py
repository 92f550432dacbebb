"""Start this node by decision (start_decision): the loop behind galera-start, galera-join and galera-bootstrap."""

from __future__ import annotations

import json
import os
import re
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from data_mount import refuse_missing_mount
from galera_decision import Bootstrap, Decision, Join, Recover, Refuse, Wait
from galera_form import candidate
from galera_node import clear_stale_sst, describe, figures, forget_bootstrap, server_runs, start, synced, wait_synced
from galera_state import (
    FORMED,
    JOINING,
    LETS,
    STATE_FILES,
    UUID,
    Config,
    disk_state,
    load_discard,
    read_grastate,
    read_recovered,
    write_grastate,
    write_recovered,
)
from mha_common import Deadline, Failure, at, pause, run, say
from mha_files import read_object, read_text, write_atomically
from node_facts import Formed, Node, formed_from, node_from_state
from peer_state import State, ask_peers
from sst_room import refuse_without_room
from start_decision import decide

#: What nodes say, by name; None: no answer.
States = Mapping[str, State | None]
FOREVER = 10 * 365 * 86400.0
PATIENCE = 300.0
ATTEMPTS = 3
#: A node that has not answered for so long (s) is gone, for those that may form the cluster without it. A server's own
#: checks take minutes.
SILENT = 900.0


class Ears:
    """Since when each of the other nodes has not answered."""

    def __init__(self) -> None:
        self.since: dict[str, float] = {}

    def silent(self, nodes: Mapping[str, Node | None]) -> list[str]:
        """Those that have not answered for SILENT seconds (MHA_SILENT)."""
        now = time.monotonic()
        self.since = {name: self.since.get(name, now) for name, node in nodes.items() if node is None}
        limit = float(os.environ.get("MHA_SILENT", SILENT))
        return [name for name, since in self.since.items() if now - since >= limit]


def hear(config: Config) -> States:
    """What every node says now: this one from its disk, the others by their agents."""
    return {**ask_peers(config), config.node: disk_state(config)}


def nodes_of(config: Config, heard: States) -> dict[str, Node | None]:
    return {name: node_from_state(heard[name]) for name in config.nodes}


def look(config: Config) -> dict[str, Node | None]:
    """Every node as it is now."""
    return nodes_of(config, hear(config))


def ask_decision(config: Config, ears: Ears, heard: States, *, patient: bool) -> Decision:
    nodes = nodes_of(config, heard)
    silent = ears.silent(nodes)
    found = decide(
        config.node,
        nodes,
        list(config.nodes),
        config.reference,
        patient=patient,
        discard=load_discard(),
        silent=silent,
        arbitrators=config.arbitrators,
    )
    if isinstance(found, Wait) and found.lets:
        let_form(config, found.lets)
    return found


def let_form(config: Config, lets: str) -> None:
    """Remember a candidate's words; its own name becomes a candidacy with an id of its own, so that words given to an
    earlier one do not count.
    """
    now = read_text(LETS).strip()
    if lets == config.node:
        lets = now if candidate(now) == config.node else f"{config.node} {uuid.uuid4().hex[:12]}"
    if lets != now:
        write_atomically(at(LETS), lets + "\n")


def recover(config: Config) -> None:
    """Learn the position of a server that was not stopped in order, and publish it through the agent; that it failed as
    well.
    """
    done = run(["galera_recovery"])
    found = re.search(rf"({UUID}):(-?\d+)", done.stdout) if done.returncode == 0 else None
    write_recovered(config.datadir, found[1] if found else "", int(found[2]) if found else -1)
    if found:
        say(f"recovered position: {found[1]}:{found[2]}")
        return
    say("\n".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-30:]))
    say(f"no position could be recovered (galera_recovery ended with {done.returncode}): the other nodes are told so")


def start_node(config: Config, *, limit: float = FOREVER, attempts: int = ATTEMPTS) -> None:
    """Bring this node to Synced: wait for the others as long as needed (at most `limit` seconds), never over somebody's
    data.

    Raises Failure on a refusal (data untouched), after `attempts` starts that failed, or when the time is over.
    """
    deadline = Deadline(limit)
    failures = 0
    refused = ""
    ears = Ears()
    forget_bootstrap()
    while True:
        now = figures()
        if synced(now):
            say(f"nothing to do: {describe(now)}")
            belongs()
            return
        if server_runs():
            say(f"MariaDB runs already: {describe(now)}")
            wait_synced(max(deadline.end - time.monotonic(), 1))
            return
        refuse_missing_mount(config.datadir)
        heard = hear(config)
        decision = ask_decision(config, ears, heard, patient=deadline.waited() < PATIENCE)
        if isinstance(decision, Join):
            others = {name: state for name, state in heard.items() if name != config.node}
            refuse_without_room(config, heard[config.node] or {}, others)
        if isinstance(decision, Join | Bootstrap):
            try:
                if begin(config, decision, ears, max(deadline.end - time.monotonic(), 1)):
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


def begin(config: Config, decision: Join | Bootstrap, ears: Ears, seconds: float) -> bool:
    """Carry out the decision; False when the facts have changed in the meantime."""
    say(decision.why)
    if isinstance(decision, Join):
        prepare_join(config, decision)
        wait_synced(seconds, start(config.datadir))
    else:
        again = ask_decision(config, ears, hear(config), patient=True)
        if again != decision:
            say("the others have changed in the meantime; looking again")
            return False
        prepare_bootstrap(config, decision)
        wait_synced(seconds, start(config.datadir, new_cluster=True))
    belongs()
    return True


def belongs() -> None:
    """The node is Synced: what was remembered for the way there is over."""
    for mark in (JOINING, LETS):
        at(mark).unlink(missing_ok=True)


def prepare_join(config: Config, decision: Join) -> None:
    """Before a start as a member: remember that what is on the disk may be replaced, for a transfer that is cut short
    leaves data that nobody can vouch for; with `discard` take away what would keep Galera from replacing it.
    """
    if decision.discard:
        say(f"the settings discard the data of {config.node} (discard_data_of): it joins as an empty node")
        for name in STATE_FILES:
            (at(config.datadir) / name).unlink(missing_ok=True)
    remember_formed(decision.formed)
    write_atomically(at(JOINING), "a start as a member was decided\n")
    found, state = read_recovered(config.datadir), read_grastate(config.datadir)
    if found and state and state["uuid"] == found["uuid"] and state["seqno"] not in (-1, found["seqno"]):
        say(
            f"grastate.dat says seqno {state['seqno']}, the data is at {found['seqno']}: set to -1, so that Galera "
            "takes the data's"
        )
        write_grastate(config.datadir, found["uuid"], safe=False)
    clear_stale_sst(config.datadir)


def prepare_bootstrap(config: Config, decision: Bootstrap) -> None:
    """Before a bootstrap: Galera is to go on from the position that InnoDB has; and a node that was left out must not
    mix its data in later.
    """
    found = read_recovered(config.datadir)
    if found is None:
        raise Failure(
            "the position that was recovered is not valid any more: the data was touched since", todo="run again"
        )
    if decision.without:
        remember_formed([Formed(uuid.uuid4().hex[:12], found["uuid"], found["seqno"], decision.without)])
    write_grastate(config.datadir, found["uuid"], safe=True)


def remember_formed(records: Iterable[Formed]) -> None:
    """Keep them beside those that are known already."""
    kept = formed_from(read_object(FORMED).get("records"))
    if fresh := [one for one in records if one not in kept]:
        write_atomically(at(FORMED), json.dumps({"records": [asdict(one) for one in (*kept, *fresh)]}) + "\n")
