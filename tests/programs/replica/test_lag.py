"""A replica's lag: when it leaves the pool, and when it comes back."""

from __future__ import annotations

from itertools import count
from typing import Any

import replica_lag as lag

#: The source is heard: a heartbeat more at each look.
BEATS = count(1)


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
        "Master_Log_File": "mariadb-bin.000001",
        "Read_Master_Log_Pos": 100,
        "Slave_received_heartbeats": next(BEATS),
        **more,
    }


def watching(max_lag: float = 10) -> lag.Watch:
    """A watch that has had its first look."""
    watch = lag.Watch(max_lag)
    watch.see(row(0), 0.0)
    return watch


def judged(watch: Any, said: dict[str, Any] | None, now: float) -> tuple[bool, str]:
    found: tuple[bool, str] = watch.judge(watch.see(said, now))
    return found


def test_a_current_replica_is_fit() -> None:
    fit, words = judged(watching(), row(0), 100.0)
    assert fit
    assert words == "ok: lags 0 s"


def test_it_leaves_beyond_the_limit_and_comes_back_at_half_of_it() -> None:
    watch = watching()
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
    watch = watching()
    judged(watch, row(0), 100.0)
    fit, words = judged(watch, row(None, io="Connecting"), 104.0)
    assert fit
    assert words == "ok: lags 4 s, and its source is silent"
    fit, words = judged(watch, row(None, io="Connecting"), 111.0)
    assert not fit
    assert words.startswith("lags 11 s, and its source is silent")


def test_what_is_stopped_is_not_fit_at_once() -> None:
    watch = watching()
    judged(watch, row(0), 100.0)
    fit, words = judged(watch, row(None, sql="No"), 100.5)
    assert not fit
    assert "stopped by hand" in words
    broken = row(None, sql="No", Last_SQL_Errno=1062, Last_SQL_Error="Duplicate\nentry")
    assert judged(watch, broken, 101.0) == (False, "replication has stopped: error 1062: Duplicate entry")
    assert judged(watch, row(0), 102.0)[0], "it runs again, and lags nothing"


def test_no_replica_at_all() -> None:
    assert judged(lag.Watch(10), None, 100.0) == (False, "replication has stopped: it is not set up")


def test_no_lag_is_believed_from_a_source_that_sends_nothing() -> None:
    """After a power cut of the replica: the IO thread is connected, MariaDB says 0, and nothing comes."""
    watch = lag.Watch(10)
    silent = {"Slave_received_heartbeats": 0}
    for now in (1.0, 2.0, 20.0):
        fit, words = judged(watch, row(0, **silent), now)
        assert not fit
        assert "nothing has come from its source yet" in words
    assert judged(watch, row(0, Slave_received_heartbeats=1), 21.0) == (True, "ok: lags 0 s")
    at = {now: judged(watch, row(0, Slave_received_heartbeats=1), now) for now in (23.0, 28.0, 35.0)}
    assert at[23.0] == (True, "ok: lags 0 s")
    assert at[28.0] == (True, "ok: lags 5 s, and its source is silent")
    assert not at[35.0][0]


def test_events_are_signs_of_life_and_a_count_that_begins_anew_is_none() -> None:
    """A replica that dials anew every few seconds, and gets nothing, must not look current each time."""
    watch = lag.Watch(10)
    beats = {"Slave_received_heartbeats": 5}
    judged(watch, row(0, **beats), 1.0)
    for now, more in (
        (2.0, {"Read_Master_Log_Pos": 4}),
        (7.0, {"Slave_received_heartbeats": 0, "Read_Master_Log_Pos": 4}),
    ):
        assert not judged(watch, row(0, **{**beats, **more}), now)[0]
    assert not judged(watch, row(0, Slave_received_heartbeats=0, Master_Log_File="b.2", Read_Master_Log_Pos=9), 8.0)[0]
    assert judged(watch, row(0, Slave_received_heartbeats=0, Master_Log_File="b.2", Read_Master_Log_Pos=99), 9.0)[0]
