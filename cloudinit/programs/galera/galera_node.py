"""This Galera node's server: is it there, start it, wait until it is Synced. Shared by the galera-* programs."""

from __future__ import annotations

import contextlib
import re
import subprocess

from data_mount import remember_mount
from galera_state import RECOVERED, unit_has_process
from mha_common import Deadline, Failure, at, journal, pause, run, say
from mha_sql import SqlError, connect
from wsrep_figures import members_in_words, wsrep_values

UNIT = "mariadb.service"
NEW_CLUSTER = "/run/mariadb-wsrep-new-cluster"
SYNCED_TIMEOUT = 1800.0


def figures() -> dict[str, str] | None:
    """wsrep figures of the running server; None when it does not answer."""
    try:
        connection = connect()
    except SqlError:
        return None
    try:
        return wsrep_values(connection)
    except SqlError:
        return None
    finally:
        connection.close()


def primary(now: dict[str, str] | None) -> bool:
    return bool(now) and (now or {}).get("wsrep_cluster_status") == "Primary"


def synced(now: dict[str, str] | None) -> bool:
    """Primary, ready and Synced (wsrep_local_state 4)."""
    return primary(now) and (now or {}).get("wsrep_ready") == "ON" and (now or {}).get("wsrep_local_state") == "4"


def describe(now: dict[str, str] | None) -> str:
    if now is None:
        return "MariaDB starts (no SQL yet)" if server_runs() else "MariaDB is not running"
    return f"{now.get('wsrep_cluster_status')}, {now.get('wsrep_local_state_comment')}, {members_in_words(now)}"


def server_runs() -> bool:
    return unit_has_process(UNIT)


def unit_state() -> str:
    """systemd's ActiveState of MariaDB."""
    return run(["systemctl", "show", "-p", "ActiveState", "--value", UNIT], timeout=60).stdout.strip()


def restarts_itself() -> bool:
    """Whether systemd is about to start MariaDB again after it aborted (Restart=on-abnormal)."""
    return run(["systemctl", "show", "-p", "SubState", "--value", UNIT], timeout=60).stdout.strip() == "auto-restart"


def forget_bootstrap() -> None:
    """Remove every leftover of a bootstrap that was cut short: a later start must never bootstrap again."""
    file = at(NEW_CLUSTER)
    if file.exists():
        file.unlink()
        say(f"removed {NEW_CLUSTER}, the leftover of a bootstrap that was cut short")
    if "_WSREP_NEW_CLUSTER=" in run(["systemctl", "show-environment"], timeout=60).stdout:
        run(["systemctl", "unset-environment", "_WSREP_NEW_CLUSTER"], timeout=60)


def started_as_new_cluster() -> bool:
    """Whether the running server was started with --wsrep-new-cluster (its command line)."""
    try:
        pids = at(f"/sys/fs/cgroup/system.slice/{UNIT}/cgroup.procs").read_text().split()
    except OSError:
        return False
    for pid in pids:
        try:
            if b"--wsrep-new-cluster" in at(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                return True
        except OSError:
            continue
    return False


def sst_runs() -> bool:
    """Whether a state transfer is under way here (a wsrep_sst_* script runs)."""
    for entry in at("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if b"wsrep_sst_" in (entry / "cmdline").read_bytes():
                    return True
            except OSError:
                continue
    return False


def clear_stale_sst(datadir: str) -> None:
    """Remove `sst_in_progress` when no transfer runs and the server is down: it would block the start."""
    mark = at(datadir) / "sst_in_progress"
    if mark.exists() and not server_runs() and not sst_runs():
        mark.unlink()
        say(f"removed {mark}: a state transfer was cut short, none runs now")


def start(datadir: str, *, new_cluster: bool = False) -> subprocess.Popen[str]:
    """Begin to start MariaDB, as a member or (galera_new_cluster) as the first node of a new Primary component.

    Returns the process that ends when systemd has an answer; the server may take hours (SST).
    """
    run(["systemctl", "reset-failed", UNIT], timeout=60)
    at(RECOVERED).unlink(missing_ok=True)
    remember_mount(datadir)
    command = ["galera_new_cluster"] if new_cluster else ["systemctl", "start", UNIT]
    say(f"starting MariaDB: {' '.join(command)}")
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def wait_synced(seconds: float, starter: subprocess.Popen[str] | None = None) -> None:
    """Wait until the node is Synced, saying where it stands.

    Raises Failure when the start fails or the time (s) is over.
    """
    deadline = Deadline(seconds)
    absent = 0
    try:
        while True:
            now = figures()
            if synced(now):
                say(f"Synced after {deadline.waited():.0f} s: {describe(now)}")
                if starter is not None:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        starter.wait(60)  # systemd's own view of it follows
                return
            waiting = starter is not None and starter.poll() is None  # systemd has no answer yet
            absent = 0 if now is not None or waiting or server_runs() else absent + 1
            if (starter is not None and starter.poll()) or absent >= 3:
                state = unit_state()
                if state == "activating" and starter is not None and starter.poll() and restarts_itself():
                    run(["systemctl", "stop", UNIT])  # a server that aborts at its start would be started for ever
                    state = "failed"
                if state in ("failed", "inactive"):
                    raise failed(f"MariaDB did not start (mariadb.service is {state})")
                absent = 0
            if deadline.over():
                raise failed(f"the node is not Synced after {deadline.waited():.0f} s: {describe(now)}")
            deadline.note(f"waiting for Synced: {describe(now)}")
            pause(1)
    finally:
        if starter is not None and starter.poll() is None and not synced(figures()):
            starter.terminate()  # ends the waiting, not the server
        if starter is not None:
            forget_bootstrap()


def failed(what: str) -> Failure:
    """A Failure after the last 30 lines of its start in the journal were shown, with MariaDB's first error and the
    cause where that is known.
    """
    last_start = journal(UNIT, lines=200).rpartition("Starting mariadb.service")[2]
    lines = "\n".join(last_start.splitlines()[-30:])
    say(lines)
    if error := re.search(r"\[ERROR\] (?:WSREP: )?(.{1,300})", last_start):
        what = f"{what}: {error[1].strip()}"
    causes = (
        (
            r"states diverged|Reversing history",
            (
                "this node holds transactions that the cluster does not have: save its data directory, then see the "
                "runbook"
            ),
        ),
        (
            r"failed to reach primary view|failed to open gcomm",
            "no Primary node was reached: see that one runs and that port 4567 is open between the nodes",
        ),
        (
            r"It may not be safe to bootstrap",
            "this node was not the last to leave: start the one that was, or let galera-start decide",
        ),
        (r"Address already in use", "another server uses MariaDB's port"),
        (
            r"No space left|the volume of \S+ is full",
            "make room on the data volume (`df` of the data directory), or make it larger; a transfer would not fit",
        ),
        (
            r"Access denied for user .*sst|SST.*[Aa]ccess denied",
            "the SST account is missing or its password differs: run galera-accounts on a Primary node",
        ),
        (
            r"Will never receive state|Possible timeout in receiving first data|State transfer to .* failed",
            (
                "no state transfer came: let TCP port 4444 pass from the other nodes to this one; the donor's journal"
                " names what it met"
            ),
        ),
        (r"unknown variable|Error while setting value|Cannot allocate memory|Out of memory", "correct that setting"),
    )
    todo = next(
        (todo for pattern, todo in causes if re.search(pattern, last_start)),
        "look at the lines above (journalctl -u mariadb)",
    )
    return Failure(what, todo=todo)
