"""What a pair needs next until it holds data that are alike. Facts in, one action and its reason out; changes nothing.

Both hosts have their disks attached by then. The very first sync is the only one that somebody has to begin: neither
side has data yet, so DRBD cannot know which one counts. It is begun only where *both* sides are known never to have
been written to: two disks of which one has data are never told which one counts; DRBD finds that by its own
identifiers.
"""

from __future__ import annotations

from dataclasses import dataclass

from drbd_state import Seen, progress

DONE, WAIT, SKIP, SYNC, REFUSE = "done", "wait", "skip", "sync", "refuse"


@dataclass(frozen=True)
class Decision:
    """What to do, why, and for REFUSE what a person has to do."""

    action: str
    why: str
    todo: str = ""


def decide(seen: Seen | None, *, new: bool, skip: bool, peer: str) -> Decision:
    """The next action on the first host.

    `new`: nothing was ever written under this host's metadata. `skip`: two empty disks count as alike.
    `peer`: the other host; empty where it is declared lost.
    """
    if seen is None:
        return Decision(WAIT, "the device is not set up yet")
    if seen.disk in ("Diskless", "Failed"):
        return Decision(REFUSE, f"the disk is {seen.disk}", "`dmesg | grep drbd`; `drbdadm attach`")
    if seen.disk in ("Attaching", "Negotiating"):
        return Decision(WAIT, "the disk is being attached")
    if seen.connection in ("SyncSource", "SyncTarget", "PausedSyncS", "PausedSyncT"):
        where = f"to {peer}" if seen.connection in ("SyncSource", "PausedSyncS") else f"from {peer}"
        return Decision(WAIT, f"resync {where}: {progress(seen)}")
    if seen.disk == "UpToDate" and (seen.peer_disk == "UpToDate" or not peer):
        return Decision(DONE, "both disks are UpToDate" if peer else "the disk is UpToDate")
    if not peer:
        return Decision(
            REFUSE,
            f"the disk is {seen.disk}, and the other host is declared lost",
            "restore the data from a backup: this host never had all of it",
        )
    if seen.connection == "StandAlone":
        return Decision(
            REFUSE,
            f"DRBD does not speak with {peer} (StandAlone): the two have different data, or refuse each other",
            "docs/runbook.md, split brain; `dmesg | grep drbd` says which",
        )
    if not seen.connected:
        return Decision(WAIT, f"{peer} is not connected ({seen.connection})")
    if seen.connection != "Connected":
        return Decision(WAIT, f"the two compare their data ({seen.connection})")
    if seen.disk == seen.peer_disk == "Inconsistent":
        if not new:
            return Decision(
                REFUSE,
                "neither disk is whole, and this one was written to before",
                "restore the data from a backup; docs/runbook.md, neither disk is whole",
            )
        # Connected and both Inconsistent: DRBD has compared the two, and refuses a new disk beside one with data.
        if skip:
            return Decision(SKIP, "both disks are new and empty: they count as alike")
        return Decision(SYNC, f"both disks are new: this one is copied to {peer}")
    return Decision(WAIT, f"the disks are {seen.disk} here and {seen.peer_disk} on {peer}")
