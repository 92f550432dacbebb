"""What a host said of its replicated device: a line of /proc/drbd (drbd 8.4), and words for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

#: Connection states in words (drbdsetup-8.4(8)); others are shown as they are.
CONNECTIONS = {
    "Connected": "connected",
    "WFConnection": "waits for the other host",
    "StandAlone": "does not speak with the other host",
    "SyncSource": "resync to the other host",
    "SyncTarget": "resync from the other host",
    "PausedSyncS": "resync to the other host, paused",
    "PausedSyncT": "resync from the other host, paused",
    "VerifyS": "verification runs",
    "VerifyT": "verification runs",
}
#: Disk states in words.
DISKS = {
    "UpToDate": "whole and up to date",
    "Inconsistent": "not whole",
    "Outdated": "whole, but old",
    "Consistent": "whole; whether it is old is not known",
    "Diskless": "no disk",
    "Failed": "its disk fails",
    "DUnknown": "not known",
}


@dataclass(frozen=True, kw_only=True)
class Verified:
    """The last online verification that a host began. `whole`: it went through; else `why` not. `ended` in seconds
    since 1970; `ranges` (start, size) in sectors, the first of `found`.
    """

    ended: float
    whole: bool
    why: str = ""
    out_of_sync_kib: int = 0
    found: int = 0
    ranges: tuple[tuple[int, int], ...] = ()

    def words(self) -> str:
        """For people."""
        at = f"{datetime.fromtimestamp(self.ended, UTC):%Y-%m-%d %H:%M} UTC"
        if not self.whole:
            return f"{at}: {self.why}"
        return f"{at}: {f'{self.out_of_sync_kib} KiB differed' if self.out_of_sync_kib else 'alike'}"


def parse_verified(found: Mapping[str, Any]) -> Verified | None:
    """From a host's record; None where it never began one."""
    if not found:
        return None
    names = ("ended", "whole", "why", "out_of_sync_kib", "found")
    ranges = tuple((int(start), int(size)) for start, size in found.get("ranges", ()))
    return Verified(**{name: found[name] for name in names if name in found}, ranges=ranges)


@dataclass(frozen=True, kw_only=True)
class Device:
    """`there` False: the device is not set up, and `error` says what was found instead."""

    there: bool
    connection: str = ""
    role: str = ""
    peer_role: str = ""
    disk: str = ""
    peer_disk: str = ""
    out_of_sync_kib: int = 0
    percent: float | None = None
    left_s: int | None = None
    mounted: bool = False
    label: str = ""
    version: str = ""
    error: str = ""
    verified: Verified | None = None

    @property
    def verifying(self) -> bool:
        """A verification runs."""
        return self.connection in ("VerifyS", "VerifyT")

    @property
    def syncing(self) -> bool:
        """A resync runs."""
        return "Sync" in self.connection

    def progress(self) -> str:
        """How far a resync or a verification is."""
        words = [f"{self.percent:g} %"] if self.percent is not None else []
        if self.left_s is not None:
            words.append(f"{self.left_s // 60} min {self.left_s % 60} s left")
        return ", ".join(words)


def parse_device(said: Mapping[str, Any]) -> Device | None:
    """From what host-facts said; None on a host that was not asked."""
    found = said.get("drbd")
    if not found:
        return None
    text, minor = str(found["proc"]), int(found["minor"])
    part = re.search(rf"^ *{minor}: cs:(.*(?:\n(?! *\d+: cs:).*)*)", text, re.MULTILINE)
    words = part[1] if part else ""
    head = re.match(r"(\S+) ro:(\S+)/(\S+) ds:(\S+)/(\S+) ", words)
    version = re.search(r"version: (\S+)", text)
    if not head:
        error = words or (text.strip().splitlines() or ["nothing"])[0]
        return Device(there=False, error=error, version=version[1] if version else "")
    oos = re.search(r"\boos:(\d+)", words)
    percent = re.search(r"(?:sync'ed|verified): *([\d.]+)%", words)
    left = re.search(r"finish: (\d+):(\d+):(\d+)", words)
    return Device(
        there=True,
        connection=head[1],
        role=head[2],
        peer_role=head[3],
        disk=head[4],
        peer_disk=head[5],
        out_of_sync_kib=int(oos[1]) if oos else 0,
        percent=float(percent[1]) if percent else None,
        left_s=int(left[1]) * 3600 + int(left[2]) * 60 + int(left[3]) if left else None,
        mounted=bool(found.get("mounted")),
        label=str(found.get("label") or ""),
        verified=parse_verified(found.get("verified") or {}),
        version=version[1] if version else "",
    )
