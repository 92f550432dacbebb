"""What a pair needs next: the table, with the state of both hosts' disks."""

from __future__ import annotations

from itertools import product

import pytest
from drbd_decision import DONE, REFUSE, SKIP, SYNC, WAIT, decide
from drbd_state import Seen

S = "Secondary"


@pytest.mark.parametrize(
    ("seen", "new", "skip", "peer", "action", "words"),
    [
        (None, False, True, "b", WAIT, "not set up"),
        (Seen("WFConnection", S, "Unknown", "Inconsistent", "DUnknown"), True, True, "b", WAIT, "not connected"),
        (Seen("Connected", S, S, "Inconsistent", "Inconsistent"), True, True, "b", SKIP, "alike"),
        (Seen("Connected", S, S, "Inconsistent", "Inconsistent"), True, False, "b", SYNC, "copied to b"),
        (Seen("Connected", S, S, "Inconsistent", "Inconsistent"), False, True, "b", REFUSE, "written to before"),
        (Seen("SyncSource", S, S, "UpToDate", "Inconsistent"), False, False, "b", WAIT, "resync to b"),
        (Seen("SyncTarget", S, "Primary", "Inconsistent", "UpToDate"), False, True, "b", WAIT, "resync from b"),
        (Seen("SyncTarget", S, "Primary", "Inconsistent", "UpToDate"), True, True, "b", WAIT, "resync from b"),
        (Seen("Connected", S, S, "UpToDate", "UpToDate"), False, True, "b", DONE, "UpToDate"),
        (Seen("Connected", "Primary", S, "UpToDate", "UpToDate"), False, True, "b", DONE, "UpToDate"),
        (Seen("WFConnection", "Primary", "Unknown", "UpToDate", "DUnknown"), False, True, "b", WAIT, "not connected"),
        (Seen("StandAlone", S, "Unknown", "UpToDate", "DUnknown"), False, True, "b", REFUSE, "StandAlone"),
        (Seen("StandAlone", S, "Unknown", "Inconsistent", "DUnknown"), True, True, "b", REFUSE, "StandAlone"),
        (Seen("WFBitMapT", S, S, "Outdated", "UpToDate"), False, True, "b", WAIT, "compare"),
        (Seen("Connected", S, "Primary", "Diskless", "UpToDate"), False, True, "b", REFUSE, "Diskless"),
        (Seen("Connected", S, S, "UpToDate", "Diskless"), False, True, "b", WAIT, "Diskless on b"),
        (Seen("Connected", S, S, "Inconsistent", "Outdated"), True, True, "b", WAIT, "Outdated on b"),
        (Seen("WFConnection", S, "Unknown", "Inconsistent", "DUnknown"), True, True, "", REFUSE, "declared lost"),
        (Seen("WFConnection", S, "Unknown", "UpToDate", "DUnknown"), False, True, "", DONE, "UpToDate"),
    ],
)
def test_what_follows(seen: Seen | None, new: bool, skip: bool, peer: str, action: str, words: str) -> None:
    found = decide(seen, new=new, skip=skip, peer=peer)
    assert found.action == action
    assert words in found.why
    assert bool(found.todo) == (action == REFUSE)


STATES = ("Connected", "WFConnection", "StandAlone", "SyncSource", "SyncTarget", "WFBitMapS", "WFBitMapT", "Timeout")
DISKS = ("Diskless", "Inconsistent", "Outdated", "Consistent", "UpToDate", "DUnknown")


def test_only_two_new_disks_that_see_each_other_are_ever_begun_with() -> None:
    """Every combination: nothing but two new, connected, Inconsistent disks is declared whole."""
    begun = set()
    for cs, disk, peer_disk, new, skip, peer in product(STATES, DISKS, DISKS, (True, False), (True, False), ("b", "")):
        seen = Seen(cs, S, S, disk, peer_disk)
        if decide(seen, new=new, skip=skip, peer=peer).action in (SKIP, SYNC):
            begun.add((cs, disk, peer_disk, new, peer))
    assert begun == {("Connected", "Inconsistent", "Inconsistent", True, "b")}
