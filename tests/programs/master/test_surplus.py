"""What only one server has: the point up to which both are equal, and what its own transactions changed."""

from __future__ import annotations

import gtid
import pytest
import surplus

DECODED = """\
/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=1*/;
DELIMITER /*!*/;
#261126  1:00:00 server id 1  end_log_pos 42 CRC32 0x1 \tGTID 0-1-101 ddl
CREATE DATABASE only_here
/*!*/;
#261126  1:00:01 server id 1  end_log_pos 43 CRC32 0x1 \tGTID 0-1-102 trans
START TRANSACTION
/*!*/;
### INSERT INTO `app`.`t`
### SET
###   @1=7
###   @2='seven'
### UPDATE `app`.`t`
### WHERE
###   @1=3
###   @2='three'
### SET
###   @1=4
###   @2='three'
### DELETE FROM `app`.`pairs`
### WHERE
###   @1=1
###   @2='x'
###   @3='gone'
COMMIT/*!*/;
# End of log file
ROLLBACK /* added by mysqlbinlog */;
"""


def test_tables_and_keys() -> None:
    found = surplus.summarise(DECODED.splitlines(), {"app.t": {1}, "app.pairs": {1, 2}})
    assert found["tables"] == {
        "app.t": {"rows": 2, "keys": ["7", "3"]},
        "app.pairs": {"rows": 1, "keys": ["1,'x'"]},
    }
    assert found["statements"] == ["CREATE DATABASE only_here"]
    assert found["transactions"] == 2


def test_a_table_without_a_key_has_none_named() -> None:
    assert surplus.summarise(DECODED.splitlines(), {})["tables"]["app.t"] == {"rows": 2, "keys": []}


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        ("0-1-105,0-2-90", "0-1-100,0-2-110", "0-1-100"),
        ("0-1-105,0-2-90", "0-2-110", "0-2-90"),
        ("0-1-5", "0-2-5", ""),
        ("0-1-5,7-1-9", "0-1-5,7-1-3", "0-1-5,7-1-3"),
    ],
)
def test_the_last_that_both_have(mine: str, theirs: str, both: str) -> None:
    assert gtid.words(gtid.common(gtid.parse(mine), gtid.parse(theirs))) == both


@pytest.mark.parametrize(
    ("position", "before", "after", "state"),
    [
        ("0-2-140", "0-1-100,0-2-130", "0-1-100,0-2-150", "0-1-100,0-2-140"),
        ("0-2-140", "0-1-100,0-2-140", "0-1-145,0-2-140", "0-1-100,0-2-140"),
        ("0-1-100", "0-1-100", "0-1-100", "0-1-100"),
        ("", "", "0-1-3", ""),
    ],
)
def test_the_state_of_a_copy(position: str, before: str, after: str, state: str) -> None:
    """The writer writes on, or another one becomes it, while its data is copied."""
    assert gtid.words(gtid.state_at(gtid.parse(position), gtid.parse(before), gtid.parse(after))) == state


def test_the_last_of_a_domain_comes_last() -> None:
    assert gtid.words(gtid.parse("0-2-90,0-1-105")) == "0-2-90,0-1-105"
