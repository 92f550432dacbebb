"""One file of a delivered set: what it should be, how it differs from what is there, how it gets there."""

from __future__ import annotations

import difflib
import grp
import os
import pwd
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mha_common import Failure, at, say

SETS = "/var/lib/mariadb-ha/sets"
OLD = "/var/lib/mariadb-ha/old"
CHECKS = ("keepalived", "nft", "mariadbd", "sshd", "visudo", "systemd")
ALONE = ("daemon-reload", "provision")
WITH_UNIT = ("start", "restart", "try-restart", "try-reload-or-restart", "reload-or-try-restart")


@dataclass(frozen=True)
class Entry:
    """A file as it should be; `uid` and `gid` resolved on this host."""

    path: str
    content: str
    mode: int
    uid: int
    gid: int
    check: str | None
    on_change: list[str] = field(default_factory=list)


def parse(given: dict[str, Any]) -> dict[str, Entry]:
    """The entries of a set. Raises Failure naming the path and the field."""
    if not isinstance(given, dict):
        raise Failure("standard input must be a JSON object: path to file")
    return {path: parse_one(path, values) for path, values in given.items()}


def parse_one(path: str, values: dict[str, Any]) -> Entry:
    if not path.startswith("/") or ".." in Path(path).parts or path.endswith("/"):
        raise Failure(f"{path!r} is not an absolute path of a file")
    unknown = set(values) - {"content", "mode", "owner", "group", "check", "on_change"}
    if unknown or not isinstance(values.get("content"), str):
        raise Failure(f"{path}: {'unknown ' + ', '.join(sorted(unknown)) if unknown else 'content is missing'}")
    check = values.get("check")
    if check is not None and check not in CHECKS:
        raise Failure(f"{path}: no check {check!r}; there are {', '.join(CHECKS)}")
    actions = list(values.get("on_change") or [])
    for action in actions:
        verb, _, unit = action.partition(" ")
        if not (verb in WITH_UNIT and unit) and action not in ALONE:
            raise Failure(f"{path}: no action {action!r}; there are {', '.join(ALONE)} and, with a unit, {', '.join(WITH_UNIT)}")
    owner, group = values.get("owner", "root"), values.get("group", "root")
    try:
        uid, gid = pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid
        mode = int(values.get("mode", "0644"), 8)
    except KeyError:
        raise Failure(f"{path}: there is no user {owner} or no group {group} here", todo="install the packages first: run `provision`") from None
    except ValueError:
        raise Failure(f"{path}: mode {values['mode']!r} is not octal") from None
    return Entry(path, values["content"], mode, uid, gid, check, actions)


def compare(entry: Entry) -> list[str]:
    """What differs: `content` (also for a file that is not there), `mode`, `owner`."""
    file = at(entry.path)
    if file.is_dir():
        raise Failure(f"{entry.path} is a directory", todo="remove it yourself if it is not needed")
    try:
        same = file.read_bytes() == entry.content.encode()
        now = file.stat()
    except FileNotFoundError:
        return ["content"]
    found = [] if same else ["content"]
    if now.st_mode & 0o7777 != entry.mode:
        found.append("mode")
    if (now.st_uid, now.st_gid) != (entry.uid, entry.gid):
        found.append("owner")
    return found


def show_difference(entry: Entry, change: list[str], *, secret: bool) -> None:
    if "content" not in change or secret:
        say(f"{entry.path}: {', '.join(change)} would change{' (secret: not shown)' if secret else ''}")
        return
    file = at(entry.path)
    old = file.read_text(errors="replace").splitlines() if file.exists() else []
    name = entry.path if file.exists() else "/dev/null"
    for line in difflib.unified_diff(old, entry.content.splitlines(), name, entry.path, lineterm=""):
        say(line)


def keep_old(path: str) -> None:
    """Keep a file before it is replaced or removed: beside it, or apart where its folder is read whole (`*.d`, programs)."""
    folder = Path(path).parent
    apart = folder.name.endswith(".d") or folder.name == "mariadb-ha"
    kept = at(OLD + path) if apart else at(path + ".old")
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(at(path), kept)


def move_into_place(entry: Entry, *, keep: bool) -> None:
    """Write `<path>.new`, nobody else's to read until it has its owner, and rename it."""
    file = at(entry.path)
    file.parent.mkdir(parents=True, exist_ok=True)
    if keep and file.exists():
        keep_old(entry.path)
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(entry.content.encode())
        os.fchown(descriptor, entry.uid, entry.gid)
        os.fchmod(descriptor, entry.mode)
        stream.flush()
        os.fsync(descriptor)
    new.rename(file)
