"""Making this server a copy of the other one, stage by stage; each may be cut short and is gone on with.

    aside      what this server had is moved aside, on the same file system
    in         the copy is moved to its place
    installed  the server starts on the copy, and is told where the copy ends

Until the copy is whole and ready nothing of this server is touched, and what it had is never removed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import surplus
from clone_place import MOVING, STATE, content, has_data, incoming, move_all, new_aside
from clone_receive import leftover, receive
from master_state import Config
from mha_common import Failure, at, must, say
from mha_files import read_object, write_atomically
from mha_sql import SqlError, connect, query
from server_unit import active, start, stop


def unfinished() -> str:
    """The stage of a clone that was cut short; empty where there is none."""
    return str(read_object(STATE).get("stage", ""))


def keep(state: dict[str, Any], stage: str) -> None:
    state["stage"] = stage
    write_atomically(at(STATE), json.dumps(state) + "\n")


def clone(config: Config, *, discard: bool) -> str:
    """All of it; where the old data lies now, empty where there was none. The server runs afterwards and replicates
    nobody yet. Raises Failure.

    `discard`: what this server has of its own no longer counts; without it a server with data is refused.
    """
    state = read_object(STATE)
    if state.get("stage"):
        say(f"going on with a copy that was cut short (stage {state['stage']})")
    else:
        at(MOVING).unlink(missing_ok=True)
        if has_data(config.datadir) and not discard:
            raise Failure(
                f"{config.datadir} holds data of its own: nothing was touched",
                todo="where it may go (it is kept aside): --discard-its-own",
            )
        if active():
            surplus.save_if_there(config)
        binlog_state, slave_pos = receive(config)
        state = {
            "binlog_state": binlog_state,
            "slave_pos": slave_pos,
            "aside": str(new_aside(config.datadir)) if content(at(config.datadir)) else "",
        }
        keep(state, "aside")
    carry_on(config, state)
    return str(state["aside"])


def carry_on(config: Config, state: dict[str, Any]) -> None:
    """From the stage that was reached."""
    folder, copy = at(config.datadir), incoming(config.datadir)
    if state["stage"] in ("aside", "in"):
        if active():
            stop()
        write_atomically(at(MOVING), "a copy of the other server is being put in place: master-clone\n")
    if state["stage"] == "aside":
        if state["aside"]:
            move_all(folder, Path(state["aside"]))
            say(f"what this server had is kept in {state['aside']}")
        keep(state, "in")
    if state["stage"] == "in":
        move_all(copy, folder)
        leftover(folder)
        must(["chown", "--recursive", "mysql:mysql", str(folder)])
        keep(state, "installed")
    at(MOVING).unlink(missing_ok=True)
    start()
    tell_position(state)
    # What was saved as a file stays; that it is this server's history is no longer so.
    at(surplus.SUMMARY).unlink(missing_ok=True)
    if copy.is_dir():
        copy.rmdir()
    at(STATE).unlink()


def tell_position(state: dict[str, Any]) -> None:
    """Where the copy ends: what a binary log that begins now has before it, and from where it replicates."""
    try:
        connection = connect(timeout=60)
        query(connection, "STOP ALL SLAVES")
        query(connection, "RESET SLAVE ALL")
        query(connection, "RESET MASTER")
        query(connection, "SET GLOBAL gtid_binlog_state = %s", (state["binlog_state"],))
        query(connection, "SET GLOBAL gtid_slave_pos = %s", (state["slave_pos"],))
    except SqlError as error:
        raise Failure(
            f"the copy could not be told its position ({state['slave_pos']}): {error}", todo="run again"
        ) from None
