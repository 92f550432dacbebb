"""What the promoter looks at and acts on where two MariaDB servers replicate each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gtid
import surplus
from connection_room import refused_for_room
from long_transactions import long_transaction
from master_sql import Master, Seen
from mha_common import Failure, at, run, say
from mha_files import write_atomically
from mha_sql import SqlError

UNIT = "mariadb.service"
PID_FILE = "/run/mysqld/mysqld.pid"
ANSWERED = "/run/mariadb-ha/mariadb.answered"
#: Seconds for one question, and for a demotion before the server is stopped hard.
ANSWER, DEMOTION = 1.0, 2.0


class Resource:
    """This host's MariaDB. `patience`: seconds without an answer after which it counts as hung."""

    def __init__(self) -> None:
        self.server = Master(timeout=ANSWER)
        self.seen: Seen | None = None
        self.failed, self.needs_person = 0, False
        self.error = "it has not been asked yet"
        self.answered = answered()
        self.saved = ""
        self.forgotten = True
        """The other host's replica is known not to be there, or was never heard of."""

    def look(self, peer: Mapping[str, Any], *, patience: float) -> dict[str, Any]:
        """Facts for promoter_decide. `peer`: what the other promoter has said last, empty where it never did."""
        try:
            self.seen, self.failed, self.error = self.server.look(), 0, ""
            self.remember()
        except SqlError as error:
            self.error = f"MariaDB does not answer: {error}"
            pid = process()
            if not pid:
                return self.facts(usable=False, active=False, unwell="MariaDB does not run")
            if pid != self.answered:
                return self.facts(
                    usable=False, active=False, unwell="MariaDB starts"
                )  # read-only, by its configuration
            if not refused_for_room(str(error)):  # full is not dead: it answers
                self.failed += 1
            # Failed questions are counted, not seconds: a host that stood still itself must not take its server for
            # hung.
            if self.seen is None or self.failed * ANSWER >= patience:
                return self.facts(usable=False, active=None, unwell=self.error)
        seen = self.seen
        self.needs_person = hopeless(seen, peer)
        self.save_surplus(seen, peer)
        return self.facts(
            usable=True,
            active=not seen.read_only,
            behind=behind(seen, peer, self.remembered(peer)),
            unready=unready(seen, peer),
        )

    def save_surplus(self, seen: Seen, peer: Mapping[str, Any]) -> None:
        """Have saved what only this server has, once for each state of it."""
        mine, theirs = histories(seen, peer)
        only = gtid.words(gtid.lacking(theirs, mine)) if gtid.diverged(mine, theirs) and not ours_counts(peer) else ""
        if only and only != self.saved:
            surplus.start_saving()
        self.saved = only

    def remember(self) -> None:
        """Which process has answered, for a promoter that is started again: one that never did only starts, and takes
        no writes yet.
        """
        if (pid := process()) != self.answered:
            write_atomically(at(ANSWERED), f"{pid}\n")
            self.answered = pid

    def facts(
        self, *, usable: bool, active: bool | None, behind: str = "", unready: str = "", unwell: str = ""
    ) -> dict[str, Any]:
        return {"usable": usable, "active": active, "behind": behind, "unready": unready, "unwell": unwell}

    def remembered(self, peer: Mapping[str, Any]) -> str:
        """What the other host's last word says of writes that it acknowledged without this one."""
        if peer.get("active") and peer.get("unconfirmed"):
            who = peer.get("host", "the other host")
            return f"{who} acknowledged writes that this host had not received ({peer['unconfirmed']})"
        return ""

    def said(self) -> dict[str, Any]:
        """Part of /state."""
        seen = self.seen
        if seen is None:
            return {"gtid_binlog_state": "", "unconfirmed": "", "replication": "", "error": self.error}
        unconfirmed = "" if seen.read_only or seen.confirmed else "semi-sync is off: no replica confirms"
        return {
            "gtid_binlog_state": seen.binlog_state,
            "unconfirmed": unconfirmed,
            "replication": seen.trouble,
            "error": self.error,
        }

    def peer_silent(self, seconds: float) -> None:
        """The other host has been silent for so long; 0: it answers. Closes the connections of its replica: when it is
        back its new connection would wait for the old one's end, for a minute, and with it every client that connects.

        They are also what writes wait for. While this server takes writes they stay until that wait would be over by
        itself: the other host may live and be about to have this one powered off, and what was acknowledged here alone
        would be lost.
        """
        if not seconds or self.forgotten:
            self.forgotten = self.forgotten and bool(seconds)
            return
        try:
            if self.seen and not self.seen.read_only and seconds < self.server.confirmation_wait():
                return
            self.forgotten = True
            if self.server.forget_replicas():
                say("connections of the replica that is not there are closed")
        except SqlError as error:
            say(f"connections of the replica could not be closed: {error}")

    def promote(self) -> None:
        """Take writes. Raises Failure."""
        try:
            self.server.writable()
        except SqlError as error:
            raise Failure(f"MariaDB refuses: {error}", todo="`journalctl -u mariadb`") from None
        say("read_only is OFF: this server takes writes")

    def demote(self, *, hung: bool) -> None:
        """Take no more writes: sessions end, read_only is ON. A server that does not do so in time, or hangs already,
        is
        stopped hard: it comes back read-only.
        """
        try:
            if hung:
                raise SqlError(self.error or "what it writes could not be confirmed")
            ended = self.server.shut(timeout=DEMOTION)
            say(f"read_only is ON, {ended} sessions ended")
        except SqlError as error:
            if not process():
                return
            say(f"MariaDB does not become read-only ({error}): stopped hard")
            done = run(["systemctl", "kill", "--signal=SIGKILL", UNIT], timeout=10)
            if done.returncode:
                raise Failure(f"`systemctl kill {UNIT}` ended with {done.returncode}: {done.stderr.strip()}") from None


def hinders_handover() -> str:
    """Why a planned change of writers should not begin now: a long transaction, which it would cut."""
    return long_transaction()


def process() -> int:
    """The server's process; 0 where none lives. A pid file may be left by a server that was killed."""
    try:
        pid = int(at(PID_FILE).read_text())
    except (OSError, ValueError):
        return 0
    return pid if at(f"/proc/{pid}/stat").exists() and b"mariadbd" in at(f"/proc/{pid}/cmdline").read_bytes() else 0


def answered() -> int:
    """The process that has answered last, before this promoter was started; 0 where none is known."""
    try:
        return int(at(ANSWERED).read_text())
    except (OSError, ValueError):
        return 0


def histories(seen: Seen, peer: Mapping[str, Any]) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]:
    """This server's, and the other one's as it was heard last."""
    return gtid.parse(seen.binlog_state), gtid.parse(peer.get("gtid_binlog_state", ""))


def hopeless(seen: Seen, peer: Mapping[str, Any]) -> bool:
    """Nothing mends this server's replication by itself."""
    mine, theirs = histories(seen, peer)
    return bool(seen.trouble) or (gtid.diverged(mine, theirs) and not ours_counts(peer))


def behind(seen: Seen, peer: Mapping[str, Any], remembered: str) -> str:
    """Why this server's data may lack acknowledged writes; empty where it has them all, or can still fetch them."""
    mine, theirs = histories(seen, peer)
    if gtid.diverged(mine, theirs) and not ours_counts(peer):
        only = gtid.words(gtid.lacking(theirs, mine))
        return f"it has transactions that {peer.get('host')} has not (up to {only}), and lacks others: it cannot follow"
    if seen.trouble and not apart(seen, peer):
        return f"replication is broken: {seen.trouble}"
    return remembered


def ours_counts(peer: Mapping[str, Any]) -> bool:
    """This host took writes after the other one did: of two histories that cannot follow each other, its own is the
    one that clients saw last.
    """
    return bool(peer.get("earlier"))


def apart(seen: Seen, peer: Mapping[str, Any]) -> bool:
    """Replication from the other host has stopped where the two histories part, and this host's is the one that counts.
    What it received before it took writes was applied then; what has come since is no part of it, and is saved there.
    """
    mine, theirs = histories(seen, peer)
    return seen.trouble.startswith("error") and gtid.diverged(mine, theirs) and ours_counts(peer)


def unready(seen: Seen, peer: Mapping[str, Any]) -> str:
    """What this server has still to apply or to fetch before it may take writes."""
    if not seen.applied and not apart(seen, peer):
        return "the relay log is not applied yet"
    # A server that is down can give nothing any more; what it had acknowledged has been received (semi-sync), or
    # `behind` says so.
    mine, theirs = histories(seen, peer)
    left = gtid.lacking(mine, theirs)
    if peer.get("usable") and left and not gtid.diverged(mine, theirs):
        return f"transactions up to {gtid.words(left)} of {peer.get('host')} are not here yet"
    return ""
