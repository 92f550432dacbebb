"""Bringing a MariaDB server of a kind that replicates up: its data directory, its configuration in force, an answer."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from apply_deliver import carry_out, deliver, delivered, planned, read_manifest
from apply_files import Entry
from data_mount import refuse_missing_mount
from mha_common import Failure, at, only_one, say
from server_datadir import make_datadir
from server_in_force import in_force
from server_unit import START_TIMEOUT, UNIT, active, start, stop


def manifest(name: str, description: str | None) -> dict[str, Entry]:
    """The set as the command line wants it: on standard input, or (`--recorded`) as it was delivered last."""
    arguments = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument(
        "--recorded", action="store_true", help="the set as delivered last, instead of standard input"
    )
    wanted = delivered(name) if arguments.parse_args().recorded else read_manifest(sys.stdin)
    if wanted is None:
        raise Failure(f"the set {name} was never delivered here", todo="pulumi up")
    return wanted


def server_up(
    name: str,
    wanted: dict[str, Entry],
    *,
    datadir: str,
    take_out: Callable[[], None],
    put_back: Callable[[], object],
    copied: Callable[[], bool] = lambda: False,
) -> None:
    """Deliver the set `name`, and have the server run with it. A configuration that MariaDB reads only at its start
    restarts it: taken out of service first, put back afterwards.

    `copied`: begins, or goes on with, a copy of another server's data where that is wanted, starts the server on it
    and says so; else the data directory is made where it is empty.
    """
    with only_one(name, seconds=START_TIMEOUT):
        with only_one("apply"):
            changes = planned(name, wanted)
        if active() and in_force(wanted, changes.gone):
            with only_one("apply"):
                deliver(name, wanted)
            put_back()
            say("nothing to do" if not changes else "files only: nobody has to be restarted")
            return
        was_active = active()
        if was_active:
            take_out()
        with only_one("apply"):
            carry_out(name, wanted, planned(name, wanted))
        if was_active:
            stop()
        refuse_missing_mount(datadir)
        if not copied():
            make_datadir(at(datadir))
            start()
        say(f"{UNIT} {'restarted' if was_active else 'started'}")
        put_back()
