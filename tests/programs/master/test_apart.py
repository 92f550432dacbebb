"""Two histories that cannot follow each other, and replication stopped where they part: the server whose history
counts takes writes, whatever of the other one's lies in its relay log.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from master_sql import Seen
from resource_replication import behind, unready

OUT_OF_ORDER = "error 1950: an out-of-order sequence number"
#: It wrote 0-2-6, the other one 0-1-6, which it has received and cannot apply.
STOPPED = Seen(
    read_only=True,
    binlog_state="0-1-5,0-2-6",
    confirmed=False,
    connected=False,
    applied=False,
    trouble=OUT_OF_ORDER,
    source="10.0.0.1",
    version="10.11",
)
LATER: dict[str, Any] = {"host": "db1", "usable": True, "gtid_binlog_state": "0-1-6", "earlier": True}
EARLIER = {**LATER, "earlier": False}


def test_the_history_that_counts_waits_for_nothing_of_the_other() -> None:
    assert behind(STOPPED, LATER, "") == ""
    assert unready(STOPPED, LATER) == ""


@pytest.mark.parametrize(
    ("seen", "peer", "behind_words", "unready_words"),
    [
        (STOPPED, EARLIER, "it cannot follow", "not applied"),
        (replace(STOPPED, binlog_state="0-1-5"), LATER, "replication is broken", "not applied"),
        (replace(STOPPED, trouble="it was stopped by hand (STOP SLAVE)"), LATER, "broken", "not applied"),
        (replace(STOPPED, trouble=""), LATER, "", "not applied"),
        (STOPPED, {}, "broken", "not applied"),
    ],
    ids=["the other one's counts", "not apart", "by hand", "still at it", "nothing heard"],
)
def test_everything_else_is_waited_for(seen: Seen, peer: dict[str, Any], behind_words: str, unready_words: str) -> None:
    assert behind_words in behind(seen, peer, "")
    assert bool(behind_words) is bool(behind(seen, peer, ""))
    assert unready_words in unready(seen, peer)
