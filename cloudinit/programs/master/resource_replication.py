"""What the promoter looks at and acts on where two MariaDB servers replicate each other."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import gtid
from master_sql import Master, Seen
from mha_common import Failure, run, say
from mha_sql import SqlError

UNIT = "mariadb.service"
#: Seconds for one question, and for a demotion before the server is stopped hard.
ANSWER, DEMOTION = 1.0, 2.0


class Resource:
    """This host's MariaDB. `patience`: seconds without an answer after which it counts as hung."""

    def __init__(self) -> None:
        self.server = Master(timeout=ANSWER)
        self.seen: Seen | None = None
        self.answered_at = time.monotonic()
        self.error = "it has not been asked yet"
        self.down = False
        self.lagging = ""

    def look(self, peer: Mapping[str, Any], *, patience: float) -> dict[str, Any]:
        """Facts for promoter_decide. `peer`: what the other promoter has said last, empty where it never did."""
        try:
            self.seen = self.server.look()
            self.answered_at, self.down, self.error = time.monotonic(), False, ""
        except SqlError as error:
            self.error = f"MariaDB does not answer: {error}"
            self.down = not running()
        hung = not self.down and self.error and time.monotonic() - self.answered_at > patience
        seen = self.seen
        if self.down or seen is None:
            return self.facts(usable=False, active=False if self.down else None, unwell="MariaDB does not run" if self.down else self.error)
        if hung:
            return self.facts(usable=False, active=None, unwell=self.error)
        return self.facts(usable=True, active=not seen.read_only, behind=behind(seen, peer, self.remembered(peer)), unready=unready(seen, peer))

    def facts(self, *, usable: bool, active: bool | None, behind: str = "", unready: str = "", unwell: str = "") -> dict[str, Any]:
        return {"usable": usable, "active": active, "behind": behind, "unready": unready, "unwell": unwell}

    def remembered(self, peer: Mapping[str, Any]) -> str:
        """What the other host's last word says of writes that it acknowledged without this one."""
        if peer.get("active") and peer.get("unconfirmed"):
            return f"{peer.get('host', 'the other host')} acknowledged writes that this host had not received ({peer['unconfirmed']})"
        return ""

    def said(self) -> dict[str, Any]:
        """Part of /state."""
        seen = self.seen
        if seen is None:
            return {"gtid_binlog_state": "", "unconfirmed": "", "replication": "", "error": self.error}
        unconfirmed = "" if seen.read_only or seen.confirmed else "semi-sync is off: no replica confirms"
        return {"gtid_binlog_state": seen.binlog_state, "unconfirmed": unconfirmed, "replication": seen.trouble, "error": self.error}

    def promote(self) -> None:
        """Take writes. Raises Failure."""
        try:
            self.server.writable()
        except SqlError as error:
            raise Failure(f"MariaDB refuses: {error}", todo="`journalctl -u mariadb`") from None
        say("read_only is OFF: this server takes writes")

    def demote(self) -> None:
        """Take no more writes: sessions end, read_only is ON. A server that does not do so in time is stopped hard: it comes back read-only."""
        try:
            ended = self.server.shut(timeout=DEMOTION)
            say(f"read_only is ON, {ended} sessions ended")
        except SqlError as error:
            if not running():
                return
            say(f"MariaDB does not become read-only ({error}): stopped hard")
            done = run(["systemctl", "kill", "--signal=SIGKILL", UNIT], timeout=10)
            if done.returncode:
                raise Failure(f"`systemctl kill {UNIT}` ended with {done.returncode}: {done.stderr.strip()}") from None


def running() -> bool:
    """Whether the unit has a process."""
    done = run(["systemctl", "show", UNIT, "-p", "MainPID", "--value"], timeout=5)
    return done.stdout.strip() not in ("", "0")


def behind(seen: Seen, peer: Mapping[str, Any], remembered: str) -> str:
    """Why this server's data may lack acknowledged writes; empty where it has them all, or can still fetch them."""
    mine, theirs = gtid.parse(seen.binlog_state), gtid.parse(peer.get("gtid_binlog_state", ""))
    if gtid.diverged(mine, theirs):
        only = gtid.words(gtid.lacking(theirs, mine))
        return f"it has transactions that {peer.get('host')} has not (up to {only}), and lacks others: it cannot follow"
    if seen.trouble:
        return f"replication is broken: {seen.trouble}"
    return remembered


def unready(seen: Seen, peer: Mapping[str, Any]) -> str:
    """What this server has still to apply or to fetch before it may take writes."""
    if not seen.applied:
        return "the relay log is not applied yet"
    # A server that is down can give nothing any more; what it had acknowledged has been received (semi-sync), or `behind` says so.
    if peer.get("usable") and (left := gtid.lacking(gtid.parse(seen.binlog_state), gtid.parse(peer.get("gtid_binlog_state", "")))):
        return f"transactions up to {gtid.words(left)} of {peer.get('host')} are not here yet"
    return ""
