"""The registry of rules between fields: pure functions from a stack to problems, each naming the sections that it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from settings.problem import Problem
from settings.stack import Stack

Check = Callable[[Stack], Iterator[Problem]]


@dataclass(frozen=True)
class Rule:
    """A rule and the sections without which it cannot say anything. `going_on`: it asks whether the stack can go on; one that is to go need not."""

    check: Check
    reads: frozenset[str]
    going_on: bool = False


RULES: list[Rule] = []


def rule(*reads: str, going_on: bool = False) -> Callable[[Check], Check]:
    """Register a rule. `reads`: the sections it looks at; it runs only where all of them could be understood. `going_on`: not before a destruction."""
    unknown = set(reads) - set(Stack.model_fields)
    if unknown:
        raise ValueError(f"no such sections: {sorted(unknown)}")

    def register(check: Check) -> Check:
        RULES.append(Rule(check, frozenset(reads), going_on))
        return check

    return register


def rule_problems(stack: Stack, sound: frozenset[str], *, to_destroy: bool = False) -> Iterator[Problem]:
    """What every applicable rule has to say."""
    for entry in RULES:
        if entry.reads <= sound and not (to_destroy and entry.going_on):
            yield from entry.check(stack)
