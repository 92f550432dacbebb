"""Which files differ on hosts that are there before and after, line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from ops.plan.document import Document, PlannedFile

#: Where the programs of the servers lie.
PROGRAMS = "/usr/local/lib/mariadb-ha/"


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """The same change of one file on one or more hosts.

    Attributes:
        about: other than its text: `mode 0644 -> 0755`.
        diff: lines of a unified diff; none of a secret.
        actions: what each host does once it has the file; empty where the file's set is brought into force by a step.
    """

    path: str
    hosts: tuple[str, ...]
    change: Literal["added", "changed", "removed"]
    secret: bool
    owner_set: str
    about: tuple[str, ...]
    diff: tuple[str, ...]
    actions: tuple[str, ...]

    @property
    def program(self) -> bool:
        """True for a program that this project brings."""
        return self.path.startswith(PROGRAMS)

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "path": self.path,
            "hosts": list(self.hosts),
            "change": self.change,
            "secret": self.secret,
            "set": self.owner_set,
            "about": list(self.about),
            "diff": list(self.diff),
            "actions": list(self.actions),
        }


def file_changes(before: Document, after: Document) -> tuple[FileChange, ...]:
    """By path; hosts on which a file changes in the same way stand together."""
    found: dict[tuple[Any, ...], list[str]] = {}
    for host in after.hosts:
        if host in before.hosts:
            for key in _of_host(before, after, host):
                found.setdefault(key, []).append(host)
    changes = [
        FileChange(
            path=path,
            hosts=tuple(hosts),
            change=change,
            secret=secret,
            owner_set=owner_set,
            about=about,
            diff=diff,
            actions=actions,
        )
        for (path, change, secret, owner_set, about, diff, actions), hosts in found.items()
    ]
    return tuple(sorted(changes, key=lambda change: (change.program, change.path, change.hosts)))


def _of_host(before: Document, after: Document, host: str) -> Iterator[tuple[Any, ...]]:
    old_files, new_files = before.hosts[host].files, after.hosts[host].files
    for path in sorted(old_files.keys() | new_files.keys()):
        old, new = old_files.get(path), new_files.get(path)
        if old == new:
            continue
        change = "changed" if old and new else "added" if new else "removed"
        stays = new or old_files[path]
        # A mode or an owner alone reloads nobody (cloudinit/programs/host/apply_deliver.py).
        acts = old is None or new is None or old.text != new.text
        yield (
            path,
            change,
            any(file.secret for file in (old, new) if file),
            stays.set,
            _about(old, new),
            _diff(before, after, path, old, new),
            stays.on_change if acts else (),
        )


def _about(old: PlannedFile | None, new: PlannedFile | None) -> tuple[str, ...]:
    if old is None or new is None:
        return ()
    names = {"mode": "mode", "owner": "owner", "check": "checker", "set": "delivered with"}
    return tuple(
        f"{words} {getattr(old, key)} -> {getattr(new, key)}"
        for key, words in names.items()
        if getattr(old, key) != getattr(new, key)
    )


def _diff(
    before: Document, after: Document, path: str, old: PlannedFile | None, new: PlannedFile | None
) -> tuple[str, ...]:
    if any(file.secret for file in (old, new) if file):
        return ()
    if path.startswith(PROGRAMS) and not (old and new):  # the tree has its lines
        return ()
    first = before.texts[old.text].splitlines() if old else []
    second = after.texts[new.text].splitlines() if new else []
    return tuple(difflib.unified_diff(first, second, path, path, lineterm="", n=2))[2:]
