"""What a DRBD pair promises, computed by hand beside it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.systems import planned, together


def promises(timers: dict[str, Any], **section: Any) -> dict[str, float]:
    """Of the stack `drbd` with other timers, and other keys of its section."""
    config = together("drbd")
    config["mariadb-ha:timers"] = timers
    config["mariadb-ha:drbd"] |= section
    return dict(planned(config).components["drbd"].promises)


#: Second priority 100: a skew of 156/256 of an advert. A look of a promoter is 0.5 s.
LAN = {
    "switchover": 0.5 + 0.18 + 0.5 + 2 + 5,
    "primary-kill": (2 + 2) + 0.5 + 5,
    "secondary-kill": 2 + 2,
}
WAN = {
    "switchover": 0.5 + 0.61 + 0.5 + 10 + 20,
    "primary-kill": (10 + 2) + 0.5 + 20,
    "secondary-kill": 10 + 2,
}
CLASSIC = {
    "switchover": 0.5 + 0.61 + 0.5 + 5 + 10,
    "primary-kill": (10 + 0.5) + 0.5 + 10,
    "secondary-kill": 10 + 0.5,
}


@pytest.mark.parametrize(("profile", "expected"), [("lan", LAN), ("wan", WAN), ("classic", CLASSIC)])
def test_the_end_and_the_start_of_mariadb_count(profile: str, expected: dict[str, float]) -> None:
    found = promises({"profile": profile})
    assert {fault: found[fault] for fault in expected} == {fault: round(gap, 2) for fault, gap in expected.items()}
    assert found["primary-stop"] == found["disk-error"] == found["switchover"]
    assert found["link-cut"] == found["secondary-kill"]


def test_the_next_write_within_ten_seconds_of_a_power_cut() -> None:
    """What a pair with the profile for one switch, and the sizes that follow from a usual VM, is asked for."""
    assert promises({"profile": "lan"})["primary-kill"] <= 10


def test_the_allowance_is_a_setting() -> None:
    usual, slow = promises({"profile": "lan"}), promises({"profile": "lan", "drbd_start": 12.0, "drbd_stop": 3.0})
    longer = {fault: round(slow[fault] - gap, 2) for fault, gap in usual.items()}
    orderly = dict.fromkeys(("switchover", "primary-stop", "disk-error"), 8.0)
    assert longer == {**orderly, "primary-kill": 7.0, "secondary-kill": 0.0, "link-cut": 0.0}


@pytest.mark.parametrize(
    ("profile", "unheard", "hang"), [("lan", 4.0, 3.0), ("wan", 12.0, 10.0), ("classic", 10.5, 15.0)]
)
def test_what_the_fencing_agent_gets_is_promised_too(profile: str, unheard: float, hang: float) -> None:
    """Of every fault in which it is asked: once, and a Primary holds writes back meanwhile."""
    agent = {"command": "/usr/local/sbin/fence", "timeout": 20}
    without, fenced = promises({"profile": profile}), promises({"profile": profile}, fencing=agent)
    asked = {"primary-kill": without["primary-kill"] + 20, "secondary-kill": unheard + 20}
    asked["link-cut"] = without["link-cut"] + hang + 20
    assert fenced == {**without, **asked}
    usual = promises({"profile": profile}, fencing={"command": "/usr/local/sbin/fence"})
    assert usual["primary-kill"] == without["primary-kill"] + 60


def test_a_peer_that_drbd_misses_at_once_is_fenced_once_the_promoter_misses_it_too() -> None:
    quick = {"profile": "lan", "drbd_ping_int": 2, "drbd_ping_timeout": 0.5, "peer_timeout": 2.9}
    assert promises(quick)["secondary-kill"] == 2.5
    assert promises(quick, fencing={"command": "/bin/fence", "timeout": 10})["secondary-kill"] == 2.9 + 0.3 + 10


def test_a_large_redo_log_takes_its_time_after_a_power_cut_alone() -> None:
    usual = promises({"profile": "lan"}, innodb_log_file_size_mib=96)
    large = promises({"profile": "lan"}, innodb_log_file_size_mib=596)
    assert large == {**usual, "primary-kill": round(usual["primary-kill"] + 500 / 50, 2)}
    assert promises({"profile": "lan"}, innodb_log_file_size_mib=32) == usual


def test_nothing_is_promised_of_writes_where_nothing_takes_them() -> None:
    config = together("files")
    assert dict(planned(config).components["drbd"].promises) == {}
