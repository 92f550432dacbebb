"""/proc/drbd as drbd 8.4 writes it, and what is read of it."""

from __future__ import annotations

import drbd_state
import pytest
from drbd_state import Seen, parse, progress

HEAD = "version: 8.4.11 (api:1/proto:86-101)\nsrcversion: 3C2A6A5DA2C6F9E5D6D6F1B\n"
LINE = (
    " 0: cs:{cs} ro:{ro} ds:{ds} C r-----\n"
    "    ns:0 nr:0 dw:0 dr:664 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:{oos}\n"
)
SYNC = (
    "\t[=>..................] sync'ed: 12.5% (1835008/2097052)K\n"
    "\tfinish: 0:02:11 speed: 14,204 (13,912) want: 102,400 K/sec\n"
)


def text(cs: str, ro: str = "Secondary/Secondary", ds: str = "UpToDate/UpToDate", oos: int = 0, more: str = "") -> str:
    return HEAD + LINE.format(cs=cs, ro=ro, ds=ds, oos=oos) + more


def test_a_pair_that_lives() -> None:
    seen = parse(text("Connected", "Primary/Secondary"), 0)
    assert seen == Seen("Connected", "Primary", "Secondary", "UpToDate", "UpToDate")
    assert seen.connected and seen.in_sync and not seen.alone


def test_a_resync() -> None:
    seen = parse(text("SyncTarget", ds="Inconsistent/UpToDate", oos=1835008, more=SYNC), 0)
    assert seen is not None
    assert (seen.percent, seen.finish_s, seen.speed_kib_s, seen.out_of_sync_kib) == (12.5, 131, 14204, 1835008)
    assert progress(seen) == "12.5 %, 2 min 11 s left, 13.9 MiB/s"
    assert seen.connected and not seen.in_sync


@pytest.mark.parametrize(
    ("cs", "ro", "ds", "alone"),
    [
        ("WFConnection", "Primary/Unknown", "UpToDate/DUnknown", True),
        ("StandAlone", "Primary/Unknown", "UpToDate/DUnknown", True),
        ("WFConnection", "Secondary/Unknown", "UpToDate/DUnknown", False),
        ("SyncSource", "Primary/Secondary", "UpToDate/Inconsistent", False),
        ("Connected", "Primary/Secondary", "UpToDate/Diskless", True),
        ("Connected", "Primary/Secondary", "Diskless/UpToDate", False),
    ],
)
def test_who_writes_alone(cs: str, ro: str, ds: str, alone: bool) -> None:
    seen = parse(text(cs, ro, ds), 0)
    assert seen is not None and seen.alone is alone


@pytest.mark.parametrize(
    "words", ["", HEAD, HEAD + " 0: cs:Unconfigured\n", text("Connected").replace(" 0: cs", " 1: cs"), "something else"]
)
def test_no_device(words: str) -> None:
    assert parse(words, 0) is None


def test_a_host_that_speaks_with_nobody_has_no_protocol() -> None:
    """As drbd 8.4.11 wrote it after a split brain."""
    seen = parse(HEAD + " 0: cs:StandAlone ro:Primary/Unknown ds:UpToDate/DUnknown   r-----\n    ns:0 oos:340\n", 0)
    assert seen == Seen("StandAlone", "Primary", "Unknown", "UpToDate", "DUnknown", out_of_sync_kib=340)
    assert seen.alone


def test_devices_are_told_apart() -> None:
    both = text("Connected", "Primary/Secondary") + LINE.format(
        cs="StandAlone", ro="Secondary/Unknown", ds="Outdated/DUnknown", oos=7
    ).replace(" 0:", " 1:")
    first, second = parse(both, 0), parse(both, 1)
    assert first is not None and second is not None
    assert (first.role, first.out_of_sync_kib, second.disk, second.out_of_sync_kib) == ("Primary", 0, "Outdated", 7)


def test_nothing_is_asked_with_force() -> None:
    """The only force is the very first sync's, in drbd-form, on a pair that is known to be new."""
    source = (drbd_state.__file__ or "").rsplit("/", 1)[0]
    from pathlib import Path

    forced = [
        (file.name, line.strip())
        for file in Path(source).glob("*drbd*")
        for line in file.read_text().splitlines()
        if "--force" in line and "drbdmeta" not in line
    ]
    assert forced == [("drbd-form", 'must(["drbdadm", "primary", "--force", config.name])')]
