#!/usr/bin/python3
"""Take the stack's files away and put back what was there before it. Every step may be cut short and run again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from apply_deliver import load_record, remember, set_names
from apply_files import MARK, ORIGINAL, OWN, put_copy
from host_changes import IDENTITY, load
from mha_common import Failure, at, run, say

TABLE = ("inet", "mariadb_ha")
MIRROR = "/etc/apt/sources.list.d/mariadb-ha.list"  # the enrol script may have written it, before any set was delivered


def remove_files() -> None:
    """All files of all sets; the originals come back. Our own two folders go at the end, with the programs in them."""
    removed = 0
    for name in set_names():
        record = load_record(name)
        for path in sorted(record):
            if path.startswith(OWN):
                continue
            if put_back(path):
                # Forgotten at once: the next run must not take the original for ours.
                forget(name, path)
                at(ORIGINAL + path).unlink(missing_ok=True)
                say(f"{path}: the one from before the stack is back")
            elif at(path).is_symlink() or at(path).is_file():
                at(path).unlink()
                removed += 1
            remove_if_empty(path)
    if at(MIRROR).exists():
        at(MIRROR).unlink()
        removed += 1
    if removed:
        say(f"{removed} files removed")
    put_back_the_rest()


def put_back_the_rest() -> None:
    """Originals of files that no record names: a run that was cut short, or a record that is lost."""
    tree = at(ORIGINAL)
    for kept in sorted(tree.rglob("*")) if tree.is_dir() else []:
        path = "/" + str(kept.relative_to(tree))
        file = at(path)
        if kept.is_dir() and not kept.is_symlink():
            continue
        if not (file.is_symlink() or file.exists()) or (file.is_file() and MARK in file.read_bytes()[:1024]):
            put_back(path)
            say(f"{path}: the one from before the stack is back")


def forget(name: str, path: str) -> None:
    record: dict[str, Any] = load_record(name)
    record.pop(path, None)
    remember(name, record)


def put_back(path: str) -> bool:
    """Move a copy of the original into place, mode and owner as they were; False when there is none."""
    kept = at(ORIGINAL + path)
    if not (kept.is_symlink() or kept.exists()):
        return False
    put_copy(kept, at(path))
    return True


def remove_if_empty(path: str) -> None:
    """The file's folder, when it is an empty `*.d` that no package owns: it was made for our file."""
    folder = Path(path).parent
    on_host = at(str(folder))
    if (
        folder.name.endswith(".d")
        and on_host.is_dir()
        and not any(on_host.iterdir())
        and run(["dpkg", "-S", str(folder)]).returncode
    ):
        on_host.rmdir()


def remove_firewall() -> None:
    """Our nft table, no other one."""
    if run(["nft", "list", "table", *TABLE], timeout=60).returncode == 0:
        done = run(["nft", "delete", "table", *TABLE], timeout=60)
        if done.returncode:
            raise Failure(
                f"the nft table {' '.join(TABLE)} cannot be deleted: {done.stderr.strip()}",
                todo="look at `nft list ruleset`, then run again",
            )
        say(f"nft table {' '.join(TABLE)} deleted")


def restore_sysctls() -> None:
    """Kernel settings as they were; those of a module that is no longer loaded are gone with it."""
    for key, value in sorted(load().get("sysctls", {}).items()):
        node = at("/proc/sys/" + (key if "/" in key else key.replace(".", "/")))
        try:
            if node.read_text().split() != value.split():
                node.write_text(value + "\n")
                say(f"sysctl {key}={value}, as before the stack")
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Failure(
                f"sysctl {key}={value} is refused: {error.strerror}", todo="set it yourself, then run again"
            ) from None


def remove_own_folders() -> None:
    """What is left of the stack. The identity goes nearly last, the programs last: until then a run can be repeated."""
    state = at("/var/lib/mariadb-ha")
    for folder in (at("/etc/mariadb-ha"), at("/run/mariadb-ha")):
        shutil.rmtree(folder, ignore_errors=True)
    for entry in sorted(state.iterdir()) if state.is_dir() else []:
        if entry.name in ("retained.json", "stack.json"):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    (state / "stack.json").unlink(missing_ok=True)
    if state.is_dir() and not any(state.iterdir()):
        state.rmdir()
    shutil.rmtree(at("/usr/local/lib/mariadb-ha"), ignore_errors=True)


def identity() -> dict[str, str]:
    """{"stack", "host"} of the stack that this host belongs to; empty when it is not written down."""
    file = at(IDENTITY)
    if not file.exists():
        return {}
    try:
        found = json.loads(file.read_text())
        return {"stack": str(found["stack"]), "host": str(found.get("host", ""))}
    except (OSError, ValueError, KeyError, TypeError):
        raise Failure(
            f"{IDENTITY} cannot be read as JSON with a stack",
            todo="see which stack this host belongs to and correct or remove that file",
        ) from None
