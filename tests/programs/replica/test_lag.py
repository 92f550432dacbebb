"""A replica's lag: when it leaves the pool, and when it comes back."""

from __future__ import annotations

from typing import Any

import replica_lag as lag


def row(behind: int | None, *, io: str = "Yes", sql: str = "Yes", **more: Any) -> dict[str, Any]:
    """What MariaDB says of a replica."""
    return {
        "Seconds_Behind_Master": behind,
        "Slave_IO_Running": io,
        "Slave_SQL_Running": sql,
        "Last_IO_Errno": 0,
        "Last_SQL_Errno": 0,
        "Last_IO_Error": "",
        "Last_SQL_Error": "",
        **more,
    }


def judged(watch: Any, said: dict[str, Any] | None, now: float) -> tuple[bool, str]:
    found: tuple[bool, str] = watch.judge(watch.see(said, now))
    return found


def test_a_current_replica_is_fit() -> None:
    fit, words = judged(lag.Watch(10), row(0), 100.0)
    assert fit
    assert words == "ok: lags 0 s"


def test_it_leaves_beyond_the_limit_and_comes_back_at_half_of_it() -> None:
    watch = lag.Watch(10)
    said = [judged(watch, row(behind), 100.0 + number)[0] for number, behind in enumerate((0, 10, 11, 8, 6, 5, 8))]
    assert said == [True, True, False, False, False, True, True]
    watch.fit = False
    assert "catches up: back at 5 s" in judged(watch, row(7), 200.0)[1]


def test_a_replica_that_was_never_connected_is_not_fit() -> None:
    fit, words = judged(lag.Watch(10), row(None, io="Connecting"), 100.0)
    assert not fit
    assert "not known" in words


def test_without_a_connection_its_data_goes_on_ageing() -> None:
    """A change of writers takes seconds: the replica stays fit for as long as its limit says."""
    watch = lag.Watch(10)
    judged(watch, row(0), 100.0)
    fit, words = judged(watch, row(None, io="Connecting"), 104.0)
    assert fit
    assert words == "ok: lags 4 s, without a connection"
    fit, words = judged(watch, row(None, io="Connecting"), 111.0)
    assert not fit
    assert words.startswith("lags 11 s, without a connection")


def test_what_is_stopped_is_not_fit_at_once() -> None:
    watch = lag.Watch(10)
    judged(watch, row(0), 100.0)
    fit, words = judged(watch, row(None, sql="No"), 100.5)
    assert not fit
    assert "stopped by hand" in words
    broken = row(None, sql="No", Last_SQL_Errno=1062, Last_SQL_Error="Duplicate\nentry")
    assert judged(watch, broken, 101.0) == (False, "replication has stopped: error 1062: Duplicate entry")
    assert judged(watch, row(0), 102.0)[0], "it runs again, and lags nothing"


def test_no_replica_at_all() -> None:
    assert judged(lag.Watch(10), None, 100.0) == (False, "replication has stopped: it is not set up")
