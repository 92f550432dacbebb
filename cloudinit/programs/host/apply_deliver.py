#!/usr/bin/python3
"""Deliver a set of files: what would change, whether its readers accept it, moving it into place, telling its readers.

What `apply`, `galera-roll`, `director-up` and `drift` share. A caller holds `only_one("apply")` from `planned` to the
end of `carry_out`. The record of a set, /var/lib/mariadb-ha/sets/NAME.json (0600), is its whole manifest as delivered
last; a path on its way out has {"leaving": true, "on_change"}.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from apply_checks import check_all
from apply_files import SETS, Entry, compare, keep_old, keep_original, move_into_place, parse, write_new
from mha_common import Failure, at, run, say
from mha_files import read_object, write_atomically

FIRST = ("daemon-reload", "packages", "provision")


@dataclass(frozen=True)
class Changes:
    """What a delivery would do; false when there is nothing to do."""

    changed: dict[str, list[str]]
    """Path to what differs: `content`, `mode`, `owner`."""
    gone: dict[str, list[str]]
    """Path that is in the set no longer and is removed, to the actions of its removal."""
    pending: set[str]
    """Actions that an earlier run did not come to."""

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone or self.pending)


def read_manifest(stream: IO[str]) -> dict[str, Entry]:
    """The manifest on standard input. Raises Failure naming the path and the field."""
    try:
        given: dict[str, Any] = json.load(stream)
    except ValueError as error:
        raise Failure(f"standard input is not JSON: {error}") from None
    return parse(given)


def load_record(name: str) -> dict[str, Any]:
    """The set's record as it is in the file (see above). Empty when there is none."""
    return read_object(f"{SETS}/{name}.json")


def set_names() -> list[str]:
    """The sets that were delivered to this host."""
    return sorted(file.stem for file in at(SETS).glob("*.json"))


def delivered(name: str) -> dict[str, Entry] | None:
    """The set as delivered last, content included; None when it never was."""
    record = load_record(name)
    if not at(f"{SETS}/{name}.json").exists():
        return None
    return parse({path: value for path, value in record.items() if not value.get("leaving")})


def planned(name: str, wanted: dict[str, Entry]) -> Changes:
    """What delivering `wanted` as the set `name` would do. Raises Failure when another set owns one of the paths."""
    others = {other: load_record(other) for other in set_names() if other != name}
    refuse_second_owner(wanted, others)
    before = load_record(name)
    changed = {path: change for path, entry in wanted.items() if (change := compare(entry))}
    gone = {
        path: list(value.get("on_change") or [])
        for path, value in before.items()
        if path not in wanted and ours_to_remove(path, others)
    }
    pending_file = at(f"{SETS}/{name}.pending")
    pending = set(json.loads(pending_file.read_text())) if pending_file.exists() else set()
    return Changes(changed, gone, pending)


def refuse_second_owner(wanted: Mapping[str, Entry], others: Mapping[str, dict[str, Any]]) -> None:
    for other, record in sorted(others.items()):
        for path in sorted(set(record) & set(wanted)):
            if not record[path].get("leaving"):
                raise Failure(
                    f"{path} belongs to the set {other} already",
                    todo="a file has one owner: deliver it in one set only",
                )


def ours_to_remove(path: str, others: Mapping[str, dict[str, Any]]) -> bool:
    """Whether a path that left the set is to be removed: not when another set has it now."""
    file = at(path)
    return not any(path in record for record in others.values()) and (file.is_symlink() or file.exists())


def leaving(gone: Mapping[str, list[str]]) -> dict[str, Any]:
    return {path: {"leaving": True, "on_change": actions} for path, actions in gone.items()}


def check(wanted: Mapping[str, Entry], changes: Changes) -> None:
    """Let the programs that read the files judge what would change.

    Raises Failure with their words; touches nothing.
    """
    check_all({path: wanted[path] for path, change in changes.changed.items() if "content" in change})


def packages_first(name: str, wanted: dict[str, Entry], changes: Changes) -> Changes:
    """Bring the package lists and sources into force and install, before the other files meet checkers that may only
    then be there.

    Gives what is left to do.
    """
    changed = {path: change for path, change in changes.changed.items() if "packages" in wanted[path].on_change}
    gone = {path: actions for path, actions in changes.gone.items() if "packages" in actions}
    if not changed and not gone and "packages" not in changes.pending:
        return changes
    now = {**load_record(name), **{path: wanted[path].as_manifest() for path in changed}, **leaving(gone)}
    part = Changes(changed, gone, changes.pending)
    actions = part.pending | actions_after(wanted, part) | {"packages"}
    put(name, wanted, part, record=now, actions=actions)
    act({"packages"})
    note_pending(name, actions - {"packages"})
    remember(name, {path: value for path, value in now.items() if path not in gone})
    return planned(name, wanted)


def carry_out(name: str, wanted: dict[str, Entry], changes: Changes) -> None:
    """Move what changed into place, remove what is gone, run the actions, remember.

    A run that is killed is finished by the next.
    """
    final = {path: entry.as_manifest() for path, entry in wanted.items()}
    if changes:
        actions = changes.pending | actions_after(wanted, changes)
        put(name, wanted, changes, record={**leaving(changes.gone), **final}, actions=actions)
        act(actions)
        note_pending(name, set())
    if changes or load_record(name) != final or not at(f"{SETS}/{name}.json").exists():
        remember(name, final)


def deliver(name: str, wanted: dict[str, Entry]) -> None:
    """The whole way of a set: look, packages, check, move, tell."""
    found = planned(name, wanted)
    changes = packages_first(name, wanted, found)
    check(wanted, changes)
    carry_out(name, wanted, changes)
    if not found:
        say("nothing to do")


def actions_after(wanted: Mapping[str, Entry], changes: Changes) -> set[str]:
    """The actions of new contents and of removals; a mode or an owner alone reloads nobody."""
    new = [wanted[path] for path, change in changes.changed.items() if "content" in change]
    return {action for entry in new for action in entry.on_change} | {
        action for actions in changes.gone.values() for action in actions
    }


def put(name: str, wanted: Mapping[str, Entry], changes: Changes, *, record: dict[str, Any], actions: set[str]) -> None:
    """Files into place and out of it, in the order that survives a kill: originals, record and actions are on disk
    first.
    """
    secret = name == "secret"
    ours = {path for owner in set_names() for path in load_record(owner)}
    for path in changes.changed:
        if path not in ours:
            keep_original(path)
    remember(name, record)
    note_pending(name, actions)
    for path in (*wanted, *changes.gone):
        at(path + ".new").unlink(missing_ok=True)  # of a run that was killed
    for path in changes.changed:
        write_new(wanted[path])
    for path in (*changes.changed, *changes.gone):
        if not secret and path in ours and (at(path).is_symlink() or at(path).exists()):
            keep_old(path)
    # The programs that run this are among the files: what takes time is done by now, and the new ones come all at once.
    for path, change in changes.changed.items():
        move_into_place(wanted[path])
        say(f"{path}: {', '.join(change)}")
    for path in changes.gone:
        at(path).unlink(missing_ok=True)
        say(f"{path}: removed")


def remember(name: str, record: dict[str, Any]) -> None:
    write_atomically(at(f"{SETS}/{name}.json"), json.dumps(record, indent=1, sort_keys=True) + "\n", mode=0o600)


def note_pending(name: str, actions: Iterable[str]) -> None:
    """Write down the actions that are still to be run; none: no file."""
    file, left = at(f"{SETS}/{name}.pending"), sorted(actions)
    if left:
        write_atomically(file, json.dumps(left) + "\n")
    else:
        file.unlink(missing_ok=True)


def act(actions: set[str]) -> None:
    """Run the actions, each once, daemon-reload first. Raises Failure with the last words of those that failed."""
    failed = []
    asked = actions - {"packages"} if "provision" in actions else actions  # provision installs first of all
    provision = str(Path(__file__).with_name("provision"))
    special = {"packages": [provision, "--packages"], "provision": [provision]}
    for action in [action for action in FIRST if action in asked] + sorted(asked - set(FIRST)):
        if action in special:  # takes its time: its words are shown as they come
            done = subprocess.run(
                special[action], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
            )
        else:
            done = run(["systemctl", *action.split()])
        if done.returncode:
            failed.append(
                f"{action}: {' '.join((done.stderr.strip() or (done.stdout or '').strip()).splitlines()[-1:])}"
            )
        else:
            say(f"done: {action}")
    if failed:
        raise Failure("; ".join(failed), todo="the files are in place; look at the unit's journal, then run again")
