"""galera-roll at work: look that the cluster is whole, take the node out, deliver, restart, put it back, or go back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NoReturn

import roll_drain
from agent_http import SERVE, own_answer
from apply_deliver import carry_out, delivered, planned
from apply_files import Entry, parse
from drain_flag import read_flag
from galera_node import UNIT, figures, server_runs, synced
from galera_state import Config, load_config
from mha_common import Deadline, Failure, at, must, only_one, pause, say
from mha_files import write_atomically
from peer_state import ask_peers, holds_vip_next, takes_clients
from roll_order import GiveWay, gave_way, settle
from roll_plan import SET, as_found, own_state
from roll_precheck import FINISH, Precheck, precheck
from server_in_force import in_force
from start_run import start_node

BEFORE = "/var/lib/mariadb-ha/roll-before.json"
OTHERS_ROLL = 600.0
ATTEMPTS = 2


@dataclass(frozen=True)
class Job:
    """What is to be rolled: the node as it is configured now, the set (None: only to finish), the node as it will be,
    seconds.
    """

    config: Config
    wanted: dict[str, Entry] | None
    after: Config
    timeout: float
    patience: float

    @property
    def members(self) -> list[str]:
        """The nodes that the cluster has to consist of: those of before that stay.

        A node that comes is not there yet.
        """
        return [name for name in self.config.nodes if name in self.after.nodes]


def check_cluster(job: Job) -> Precheck:
    me = job.config.node
    flag = read_flag()
    serving = roll_drain.is_real_server() and own_answer(job.config.agent_port)[0] == SERVE
    return precheck(
        me,
        job.members,
        {**ask_peers(job.config), me: own_state(job.config)},
        out=bool(flag and flag.roll),
        serving=serving,
    )


def cluster_whole(job: Job, *, touched: str = "nothing was touched") -> None:
    """Wait until the cluster is whole: `patience` seconds, longer where a roll is at work on another node.

    Raises Failure.
    """
    short, long = Deadline(job.patience), Deadline(max(OTHERS_ROLL, job.patience))
    while not (found := check_cluster(job)).whole:
        if found.rolling:
            names = ", ".join(found.rolling)
            if long.over():
                words = f"a roll is at work on {names} for more than {long.waited():.0f} s: {touched}"
                raise Failure(words, todo=f"see what it waits for, on {names}: journalctl -t galera-roll")
            long.note(f"a roll is at work on {names}: waiting for its end")
            short = Deadline(job.patience)
        elif short.over():
            raise Failure(f"the cluster is not whole: {found.words}; {touched}", todo=f"{found.todo}; then run again")
        else:
            short.note(f"the cluster is not whole yet: {found.words}")
        pause(1)


def roll(job: Job) -> int:
    """Take the node out, deliver, restart where needed, put it back.

    Everything that a killed run left is gone on with.
    """
    given = roll_drain.drain_times()
    flag = read_flag()
    if not (flag and flag.roll and at(BEFORE).exists()):
        save_before(as_found(job.wanted or {}, delivered(SET) or {}))
    take_out(job, given)
    try:
        cluster_whole(job, touched="the node takes clients again" if server_runs() else "the node stays out of service")
    except Failure:
        if server_runs():
            roll_drain.take_back()
        raise
    try:
        deliver(job.wanted)
        restart(job)
    except Failure as failure:
        roll_back(job, failure)
    end(given)
    return 0


def take_out(job: Job, given: roll_drain.DrainTimes) -> None:
    """Out of service, as the only node that is. One that gives way to another roll waits for its end, and begins
    again.
    """
    could_take = holds_vip_next if roll_drain.own_vip() else takes_clients

    def alone() -> None:
        settle(job.config.node, tuple(job.config.nodes), lambda: ask_peers(job.config), can_give_way=server_runs)

    while True:
        others_serve = any(could_take(state) for state in ask_peers(job.config).values())
        try:
            roll_drain.take_out(job.config, given, others_serve=others_serve, settle=alone)
            return
        except GiveWay as found:
            gave_way(found)
            roll_drain.take_back()
            cluster_whole(job, touched="the node takes clients again")


def deliver(wanted: dict[str, Entry] | None) -> None:
    if wanted is not None:
        with only_one("apply"):
            carry_out(SET, wanted, planned(SET, wanted))


def restart(job: Job) -> None:
    """Make the server read what lies there, unless it has; Synced afterwards."""
    config = load_config()
    if server_runs() and not in_force():
        if cut := roll_drain.sessions(job.config.port):
            say(f"cutting {cut} sessions")
        say("stopping MariaDB")
        must(["systemctl", "stop", UNIT], todo=f"journalctl -u {UNIT}")
    start_node(config, limit=job.timeout, attempts=ATTEMPTS)


def end(given: roll_drain.DrainTimes) -> None:
    """Back in service; the way back is forgotten."""
    roll_drain.put_back(load_config(), given)
    at(BEFORE).unlink(missing_ok=True)
    if not in_force():
        raise Failure(
            "MariaDB runs and serves, but its files are newer than its start: somebody changed them", todo="run again"
        )


def roll_back(job: Job, failure: Failure) -> NoReturn:
    """Put the earlier files back, and start with them where they are not in force.

    Raises Failure: the change did not succeed.
    """
    runs = server_runs()
    if runs and not synced(figures()):
        words = f"{failure.what}; MariaDB still runs with the new configuration, the node stays out of service"
        raise Failure(words, todo=f"it may be in a state transfer: when it is Synced, sudo {FINISH}") from None
    before = saved_before()
    if before is None or not planned(SET, before):
        if runs:
            roll_drain.take_back()
        words = (
            "the node takes clients again, nothing was changed"
            if runs
            else "no other configuration is known, the node stays out of service"
        )
        raise Failure(f"{failure.what}; {words}", todo=failure.todo) from None
    say(f"{failure.what}: putting the old configuration back")
    try:
        deliver(before)
        restart(job)
        end(roll_drain.drain_times())
    except Failure as second:
        words = (
            f"{failure.what}; and the old configuration could not be brought back either: {second.what}; the node "
            "stays out of service"
        )
        raise Failure(words, todo=second.todo or failure.todo) from None
    raise Failure(f"{failure.what}; the old configuration is in force again", todo=failure.todo) from None


def save_before(entries: dict[str, Entry]) -> None:
    write_atomically(
        at(BEFORE), json.dumps({path: entry.as_manifest() for path, entry in entries.items()}) + "\n", mode=0o600
    )


def saved_before() -> dict[str, Entry] | None:
    try:
        return parse(json.loads(at(BEFORE).read_text()))
    except (OSError, ValueError):
        return None
