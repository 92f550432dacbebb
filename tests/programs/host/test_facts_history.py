"""facts_history: lines as journalctl prints them; what a journal does not tell is not known."""

from __future__ import annotations

import json
import struct
from typing import Any

import facts_history
import pytest

from tests.programs.conftest import Desk

NOW = 1_795_713_000.0


def line(ago: float, unit: str, message: object) -> str:
    """An entry of `journalctl -o json --output-fields=MESSAGE,_SYSTEMD_UNIT`."""
    return json.dumps(
        {
            "_BOOT_ID": "7c5d7ef5ef4f4b1d8b2f3e0d1c2b3a49",
            "MESSAGE": message,
            "__CURSOR": "s=0f;i=1a3;b=7c;m=23;t=61;x=4e",
            "__MONOTONIC_TIMESTAMP": "2305843",
            "_SYSTEMD_UNIT": f"{unit}.service",
            "__REALTIME_TIMESTAMP": str(int((NOW - ago) * 1e6)),
        }
    )


def told(*lines: str, code: int = 0) -> dict[str, Any]:
    return facts_history.history((code, "\n".join(lines)), NOW)


@pytest.mark.parametrize(
    ("unit", "words", "found"),
    [
        ("keepalived", "(VI_51) Entering MASTER STATE", ("vrrp", "VI_51", "MASTER", "keepalived", "")),
        ("keepalived", "(VI_51) Entering BACKUP STATE (init)", ("vrrp", "VI_51", "BACKUP", "keepalived", "")),
        ("keepalived", "(VI_51) Entering FAULT STATE", ("vrrp", "VI_51", "FAULT", "keepalived", "")),
        (
            "keepalived",
            "Removing service [172.16.21.181]:tcp:3306 from VS [172.16.21.188]:tcp:3306",
            ("server", "172.16.21.181", "out", "[172.16.21.188]:tcp:3306", "its check failed"),
        ),
        (
            "keepalived",
            "Adding service [172.16.21.181]:tcp:3306 to VS [172.16.21.188]:tcp:3306",
            ("server", "172.16.21.181", "in", "[172.16.21.188]:tcp:3306", "its check failed"),
        ),
        (
            "mariadb-ha-drain-watch",
            "mdb2: no new clients (port 3306: Connection refused)",
            ("server", "mdb2", "out", "drain-watch", "port 3306: Connection refused"),
        ),
        (
            "mariadb-ha-drain-watch",
            "mdb2: takes new clients (200 ok: Synced, cluster of 3)",
            ("server", "mdb2", "in", "drain-watch", "200 ok: Synced, cluster of 3"),
        ),
        (
            "haproxy",
            "Server replicas/r1 is DOWN, reason: Layer7 wrong status, code: 503, check duration: 1ms. 1 active",
            ("server", "r1", "out", "haproxy replicas", "Layer7 wrong status"),
        ),
        ("haproxy", "Server replicas/r1 is UP, reason: Layer7", ("server", "r1", "in", "haproxy replicas", "Layer7")),
        ("mariadb-ha-agent", "verdict 200: ok: Synced", ("server", "", "in", "agent", "ok: Synced")),
        ("mariadb-ha-agent", "verdict 404: draining: new disk", ("server", "", "out", "agent", "draining: new disk")),
        (
            "mariadb-ha-promoter",
            "serve: it holds the VIP and the right to take writes",
            ("server", "", "in", "promoter", "it holds the VIP and the right to take writes"),
        ),
        (
            "mariadb-ha-promoter",
            "follow: the VIP is elsewhere",
            ("server", "", "out", "promoter", "the VIP is elsewhere"),
        ),
        ("mariadb-ha-promoter", "promote: it holds the VIP", None),
        ("mariadb-ha-agent", "health of mdb1 on port 9200", None),
        ("mariadb-ha-promoter", "(VI_51) Entering MASTER STATE", None),
        ("keepalived", "verdict 200: said by somebody else", None),
    ],
)
def test_words(unit: str, words: str, found: tuple[str, ...] | None) -> None:
    changes = told(line(4.5, unit, words))["changes"]
    keys = ("kind", "name", "state", "via", "why")
    assert changes == ([{"age_s": 4.5, **dict(zip(keys, found, strict=True))}] if found else [])


def test_each_role_says_which_lines_it_wants() -> None:
    """What a reader understands, journalctl has to let through."""
    command = facts_history.commands()["history"]
    words = command[command.index("-g") + 1]
    import re

    for said in (
        "(VI_51) Entering MASTER STATE",
        "Removing service [a]:tcp:1 from VS [b]:tcp:1",
        "mdb2: takes new clients (why)",
        "Server replicas/r1 is DOWN",
        "verdict 503: why",
        "demote: why",
    ):
        assert re.search(words, said), said
    units = {command[index + 1] for index, word in enumerate(command) if word == "-u"}
    assert {"keepalived", "haproxy", "mariadb-ha-agent", "mariadb-ha-promoter", "mariadb-ha-drain-watch"} == units


#: As a pair in the lab wrote them (systemd 252, keepalived 2.2.7).
SEEN = """\
{"__REALTIME_TIMESTAMP":"1795717038485016","__CURSOR":"s=1fdb;i=178","__MONOTONIC_TIMESTAMP":"3859006744",\
"_SYSTEMD_UNIT":"keepalived.service","MESSAGE":"(VI_61) Entering MASTER STATE","_BOOT_ID":"b0465979"}
{"__REALTIME_TIMESTAMP":"1795717038504559","__CURSOR":"s=1fdb;i=17e","__MONOTONIC_TIMESTAMP":"3859026286",\
"_SYSTEMD_UNIT":"mariadb-ha-promoter.service","MESSAGE":"serve: it holds the VIP and the right to take writes"}
"""


def test_lines_of_a_real_journal() -> None:
    changes = facts_history.history((0, SEEN), 1795717039.504559)["changes"]
    assert [(change["age_s"], change["state"]) for change in changes] == [(1.0, "MASTER"), (1.0, "in")]


def test_bytes_and_long_messages() -> None:
    """MESSAGE is a list of bytes where it is no UTF-8, and null where it is too long."""
    changes = told(
        line(1, "mariadb-ha-agent", [*b"verdict 503: caf", 0xE9]),
        line(2, "mariadb-ha-agent", None),
        line(3, "mariadb-ha-agent", "verdict 503: " + "x" * 500),
    )["changes"]
    assert [change["age_s"] for change in changes] == [1, 3]
    assert changes[0]["why"] == "caf\ufffd"
    assert len(changes[1]["why"]) == facts_history.LONGEST


@pytest.mark.parametrize(
    ("code", "text", "error"),
    [
        (1, "", ""),
        (0, "", ""),
        (1, "No journal files were found.", "No journal files were found."),
        (127, "journalctl: No such file or directory", "journalctl: No such file or directory"),
        (124, "journalctl: no answer in 40 s", "journalctl: no answer in 40 s"),
        (0, "Journal file /x is truncated, ignoring file.\n" + line(1, "keepalived", "(V) Entering MASTER STATE"), ""),
    ],
    ids=["no line", "nothing", "no journal", "no journalctl", "late", "a file is broken"],
)
def test_what_journalctl_cannot_say(code: int, text: str, error: str) -> None:
    found = facts_history.history((code, text), NOW)
    assert found["error"] == error
    assert found["begins_s"] is None
    assert len(found["changes"]) == text.count("Entering")


def test_more_lines_than_are_told() -> None:
    lines = [line(number, "keepalived", "(VI_51) Entering MASTER STATE") for number in range(facts_history.MOST)]
    assert told(*lines)["cut"] is True
    assert told(*lines[1:])["cut"] is False


def test_the_journal_begins_with_its_oldest_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers as systemd lays them; users' journals, half-made files and strange ones say nothing of it."""
    monkeypatch.setattr(facts_history, "ROOT", str(desk.root))

    def journal(path: str, first: float, signature: bytes = b"LPKSHHRH") -> None:
        file = desk.write(path, "")
        file.write_bytes(signature + bytes(176) + struct.pack("<Q", int(first * 1e6)) + bytes(80))

    assert told()["begins_s"] is None
    journal("/var/log/journal/m/system.journal", NOW - 60)
    assert told()["begins_s"] == 60
    journal("/var/log/journal/m/system@0f-1.journal", NOW - 720)
    journal("/var/log/journal/m/user-1000.journal", NOW - 9000)
    journal("/run/log/journal/m/system.journal", 0)
    journal("/run/log/journal/n/system.journal", NOW - 9000, b"somebody")
    desk.write("/run/log/journal/o/system.journal", "LPKSHHRH")
    assert told()["begins_s"] == 720
