"""Timers that fit together (keepalived.conf(5); galeracluster.com, Galera parameters: the `evs` group)."""

from __future__ import annotations

import math
from collections.abc import Iterator

from settings.problem import Problem
from settings.rules.registry import rule
from settings.stack import Stack

#: (shorter, longer, how many times the shorter must fit, what follows otherwise)
_ORDER = (
    ("keepalive_period", "suspect_timeout", 3, "a healthy node would be suspected after one lost message; Galera refuses it"),
    ("inactive_check_period", "suspect_timeout", 2, "Galera would look too rarely to see a node fall silent, and refuses it"),
    ("suspect_timeout", "inactive_timeout", 1, "nodes would be cut off before they are even suspected; Galera refuses it"),
    ("install_timeout", "inactive_timeout", 1, "a change of members could outlast every node's patience; Galera refuses it"),
    ("join_retrans_period", "install_timeout", 1, "a lost join message would not be repeated before the change of members fails"),
    (
        "connect_timeout",
        "delay_loop",
        1,
        "one check of a silent server would outlast the interval between checks, so faults are seen later than delay_loop says",
    ),
)

#: Seconds below which a timer only raises false alarms.
_FLOORS = {
    "delay_loop": 0.1,
    "connect_timeout": 0.1,
    "delay_before_retry": 0.1,
    "keepalive_period": 0.1,
    "suspect_timeout": 0.5,
    "inactive_check_period": 0.1,
    "inactive_timeout": 0.5,
    "install_timeout": 0.5,
    "join_retrans_period": 0.1,
}


def key_of(stack: Stack, *names: str) -> str:
    """The first of these timers that the user set, else the profile."""
    given = stack.timers.model_fields_set
    return f"timers.{next((name for name in names if name in given), 'profile')}"


@rule("timers")
def order(stack: Stack) -> Iterator[Problem]:
    """Shorter ones fit into longer ones."""
    values = stack.timers.values()
    for short, long, times, follows in _ORDER:
        low, high = getattr(values, short), getattr(values, long)
        if low * times > high * (1 + 1e-9):
            share = {1: "more than", 2: "more than half of", 3: "more than a third of"}[times]
            yield Problem(
                key_of(stack, short, long),
                f"{short} {low:g} s is {share} {long} {high:g} s",
                follows,
                f"write {short} of at most {math.floor(high / times * 100) / 100:g} or {long} of at least {math.ceil(low * times * 100) / 100:g}",
            )


@rule("timers")
def advert_steps(stack: Stack) -> Iterator[Problem]:
    """VRRP 3 counts in hundredths of a second."""
    value = stack.timers.advert_int
    if value is not None and abs(value * 100 - round(value * 100)) > 1e-6:
        yield Problem(
            "timers.advert_int",
            f"{value:g} s is no multiple of 0.01 s",
            "VRRP sends hundredths of a second: keepalived would round it",
            f"write {max(round(value, 2), 0.01):g}",
        )


@rule("timers", "directors")
def whole_seconds(stack: Stack) -> Iterator[Problem]:
    """VRRP 2 counts in seconds."""
    value = stack.timers.values().advert_int
    if stack.directors and stack.directors.vrrp_version == 2 and value != round(value):
        yield Problem(
            key_of(stack, "advert_int"),
            f"advert_int {value:g} s is no whole number, and directors.vrrp_version is 2",
            "version 2 sends whole seconds: keepalived would round it, and directors that round differently fight for the VIP",
            "write advert_int 1 or more whole seconds (or profile seed), or set vrrp_version to 3",
        )


@rule("timers")
def sane_floor(stack: Stack) -> Iterator[Problem]:
    """Shorter than these nothing but false alarms comes of it."""
    for name, floor in _FLOORS.items():
        value = getattr(stack.timers, name)
        if value is not None and value < floor:
            yield Problem(
                f"timers.{name}",
                f"{value:g} s is less than {floor:g} s",
                "a busy second on a healthy host would count as its death",
                f"write {floor:g} or more",
            )


@rule("timers")
def sane_ceiling(stack: Stack) -> Iterator[Problem]:
    """An hour is not a timer of failover."""
    for name in stack.timers.values()._fields:
        value = getattr(stack.timers, name)
        if value is not None and name not in ("retry", "advert_int") and value > 3600:
            yield Problem(f"timers.{name}", f"{value:g} s is more than an hour", "a fault would go unnoticed for that long", "write the time in seconds")
