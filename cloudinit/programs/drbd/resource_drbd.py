"""What the promoter looks at and acts on where a replicated device is promoted: Primary, mounted, MariaDB on it.

Between Secondary and serving this host is neither: `active` is None, and the other one gets nothing from it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from connection_room import refused_for_room
from drbd_label import is_formed
from drbd_serving import (
    make_primary,
    make_secondary,
    mount,
    start_mariadb,
    stop_mariadb,
    unit_state,
    unmount,
)
from drbd_state import Seen, in_hands, load_config, look, mounted
from long_transactions import long_transaction
from mha_common import Failure, at, say
from mha_files import write_atomically
from mha_sql import KeptConnection, SqlError, query

#: Seconds for one question to MariaDB (mha_sql), and for which systemd's word of it holds.
ANSWER, HOLDS = 2.0, 1.0
#: Seconds of a planned handover until the other host serves: MariaDB ends here, and starts there.
TAKEN_OVER = 120.0


class Resource:
    """This host's device. `patience`: seconds without an answer after which MariaDB counts as hung."""

    def __init__(self) -> None:
        self.config = load_config()
        self.seen: Seen | None = None
        self.mounted, self.formed, self.failed = False, False, 0
        self.needs_person = False
        self.error = ""
        self.server = KeptConnection("root", lambda connection: {"1": str(query(connection, "SELECT 1"))})
        self.state_seen = (float("-inf"), "")
        self.synced = at(self.mark).exists()

    @property
    def mark(self) -> str:
        """There when the two were in sync since this host has booted, or this one was found to have the newer data; and
        spoke with each other: a host that believes that this one is off may go on without it (fenced_mark).
        """
        return f"/run/mariadb-ha/{self.config.name}.synced"

    def look(self, peer: Mapping[str, Any], *, patience: float) -> dict[str, Any]:
        """Facts for promoter_decide. `peer`: what the other promoter has said last, empty where it never did."""
        self.seen, self.mounted, self.error = look(self.config), mounted(self.config), ""
        seen = self.seen
        if seen is None:
            # What is mounted is in use, whatever the kernel's line looks like.
            active = None if self.mounted else False
            return self.facts(usable=False, active=active, unwell=f"{self.config.device} is not set up")
        if (seen.in_sync or seen.source) and peer.get("heard") and not self.synced:
            write_atomically(at(self.mark), "")
            self.synced = True
        self.needs_person = seen.connection == "StandAlone"
        unwell = self.unfit(seen, peer)
        if seen.role != "Primary" and not self.mounted:
            behind = self.behind(seen, peer)
            return self.facts(
                usable=not unwell, active=False, unwell=unwell, behind=behind, unready=self.unready(seen, peer)
            )
        if not self.mounted:
            if in_hands():
                return self.facts(usable=False, active=False, unwell="its data are being saved, or laid on it")
            return self.facts(usable=not unwell, active=None, unwell=unwell)
        if not self.config.mariadb:
            return self.facts(usable=not unwell, active=True, unwell=unwell)
        return self.with_mariadb(unwell, patience)

    def with_mariadb(self, unwell: str, patience: float) -> dict[str, Any]:
        """The device is mounted: what counts is whether MariaDB answers."""
        try:
            self.server.figures()
            self.failed = 0
            return self.facts(usable=not unwell, active=True, unwell=unwell)
        except SqlError as error:
            self.error = f"MariaDB does not answer: {error}"
            if refused_for_room(str(error)):  # full is not dead: it answers
                self.failed = 0
                return self.facts(usable=not unwell, active=True, unwell=unwell)
        state = self.state()
        if state in ("activating", "reloading"):
            return self.facts(usable=not unwell, active=None, unwell=unwell, unready="MariaDB starts")
        if state == "active":
            # Failed questions are counted, not seconds: a host that stood still itself must not take it for hung.
            self.failed += 1
            hung = self.failed * ANSWER >= patience
            return self.facts(usable=not (hung or unwell), active=None if hung else True, unwell=unwell or self.error)
        if state == "failed":
            return self.facts(usable=False, active=None, unwell="MariaDB has failed")
        if state != "inactive":  # it ends, or systemd did not answer: not known is not stopped
            words = f"MariaDB is {state}" if state else "systemd does not say what MariaDB does"
            return self.facts(usable=not unwell, active=None, unwell=unwell, unready=words)
        return self.facts(usable=not unwell and not self.served, active=None, unwell=unwell or "MariaDB does not run")

    def state(self) -> str:
        """MariaDB's, asked once a second: on a busy host the question would delay the start that is waited for."""
        if time.monotonic() - self.state_seen[0] > HOLDS:
            self.state_seen = time.monotonic(), unit_state()
        return self.state_seen[1]

    #: MariaDB has answered since the device was promoted: that it does not run now is a fault, not a beginning.
    served = False

    def facts(
        self, *, usable: bool, active: bool | None, behind: str = "", unready: str = "", unwell: str = ""
    ) -> dict[str, Any]:
        self.served = bool(active) or (self.served and active is None)
        return {"usable": usable, "active": active, "behind": behind, "unready": unready, "unwell": unwell}

    def unfit(self, seen: Seen, peer: Mapping[str, Any]) -> str:
        """Why this host's data cannot be served from here; empty when it can."""
        if not self.formed:
            try:
                self.formed = is_formed(self.config)
            except Failure as failure:
                return failure.what
            if not self.formed:
                return "there is no file system on the device yet"
        if seen.role == "Primary" and seen.disk in ("Diskless", "Failed"):
            # It goes on with the other host's disk until that one can take over.
            served = seen.connected and seen.peer_disk == "UpToDate" and not peer.get("eligible")
            return "" if served else f"its disk has failed ({seen.disk})"
        if seen.role == "Primary" and seen.connected:
            return ""
        if seen.disk == "Inconsistent":
            # How far a resync is changes all the time: host-facts tell that.
            return "its data is not whole" + (": a resync runs" if "Sync" in seen.connection else "")
        if seen.disk not in ("UpToDate", "Consistent"):
            return f"its disk is {seen.disk}"
        if seen.connection == "StandAlone" and seen.role != "Primary":
            return "DRBD is StandAlone: the two have different data (split brain), or refuse each other"
        return ""

    def behind(self, seen: Seen, peer: Mapping[str, Any]) -> str:
        """Why this host's data may lack acknowledged writes."""
        who = self.config.peer
        if not who or seen.in_sync or seen.source:
            return ""
        if peer.get("alone"):
            return f"{who} has written without this host"
        if not self.synced:
            return f"it has not been in sync with {who} since it started, and may hold older data"
        return ""

    def unready(self, seen: Seen, peer: Mapping[str, Any]) -> str:
        """Whose data counts is DRBD's to find, as long as the other host answers."""
        if self.config.peer and peer.get("heard") and not seen.connected and peer.get("connection"):
            return f"{self.config.peer} answers, and DRBD is not connected with it ({seen.connection})"
        return ""

    def said(self) -> dict[str, Any]:
        """Part of /state."""
        seen = self.seen
        return {
            "connection": seen.connection if seen else "",
            "role": seen.role if seen else "",
            "disk": seen.disk if seen else "",
            "alone": bool(seen and seen.alone),
            "error": self.error,
        }

    def peer_silent(self, seconds: float) -> None:
        """DRBD notices by itself."""

    def promote(self) -> None:
        """The next step towards serving; those that are done are left alone. Raises Failure."""
        make_primary(self.config)
        mount(self.config)
        if self.config.mariadb and unit_state() in ("inactive", "failed"):
            start_mariadb(self.config)
            self.state_seen = (float("-inf"), "")

    def demote(self, *, hung: bool) -> None:
        """MariaDB ends, the device is unmounted and Secondary. Raises Failure."""
        if self.config.mariadb:
            self.server.close()
            stop_mariadb()
        unmount(self.config)
        make_secondary(self.config)
        say("stands by")


def hinders_handover() -> str:
    """Why a planned handover should not begin now, as this host sees it; empty where nothing does. The other promoter
    speaks for itself."""
    config = load_config()
    seen = look(config)
    if seen is None:
        return f"{config.device} is not set up"
    if not seen.connected:
        return f"DRBD is not connected with {config.peer} ({seen.connection})"
    if seen.peer_disk != "UpToDate":
        return f"the data of {config.peer} are not whole and up to date ({seen.peer_disk})"
    return long_transaction() if config.mariadb else ""
