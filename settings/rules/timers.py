"""Timers that fit together: every group's own order, and what no timer should be."""

from __future__ import annotations

import math
from collections.abc import Iterator

from settings.problem import Problem
from settings.rules.registry import rule
from settings.stack import Stack
from settings.timers import GROUPS


def key_of(stack: Stack, *names: str) -> str:
    """The first of these timers that the user set, else the profile."""
    given = stack.timers.model_fields_set
    return f"timers.{next((name for name in names if name in given), 'profile')}"


@rule("timers")
def order(stack: Stack) -> Iterator[Problem]:
    """Shorter ones fit into longer ones."""
    values = stack.timers.all_values()
    for entry in (entry for group in GROUPS for entry in group.order):
        short, long, times = entry.shorter, entry.longer, entry.times
        low, high = values[short], values[long]
        if low * times > high * (1 + 1e-9):
            share = {1: "more than", 2: "more than half of", 3: "more than a third of"}[times]
            yield Problem(
                key_of(stack, short, long),
                f"{short} {low:g} s is {share} {long} {high:g} s",
                entry.follows,
                f"write {short} of at most {math.floor(high / times * 100) / 100:g} or {long} of at least "
                f"{math.ceil(low * times * 100) / 100:g}",
            )


@rule("timers")
def sane_floor(stack: Stack) -> Iterator[Problem]:
    """Shorter than these nothing but false alarms comes of it."""
    for name, floor in ((name, floor) for group in GROUPS for name, floor in group.floors.items()):
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
    for name in (name for group in GROUPS for name in group.floors):
        value = getattr(stack.timers, name)
        if value is not None and value > 3600:
            yield Problem(
                f"timers.{name}",
                f"{value:g} s is more than an hour",
                "a fault would go unnoticed for that long",
                "write the time in seconds",
            )
