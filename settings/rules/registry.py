"""The registry of rules between fields: pure functions from a stack to problems, each naming the sections that it
reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from settings.base import Settings
from settings.problem import Problem
from settings.stack import Stack

Check = Callable[..., Iterator[Problem]]
C = TypeVar("C", bound=Check)


@dataclass(frozen=True)
class Rule:
    """A rule and the sections without which it cannot say anything.

    `each`: it is asked about every component of that kind, or that contains that part, and takes its name and section
        too.
    `of_living`: it asks whether the stack can go on; one that is about to be destroyed need not.
    """

    check: Check
    reads: frozenset[str]
    each: type[Settings] | None = None
    of_living: bool = False

    def problems(self, stack: Stack) -> Iterator[Problem]:
        """What the rule has to say."""
        if self.each is None:
            yield from self.check(stack)
            return
        for name, section in stack.components.items():
            if isinstance(section, self.each):
                yield from self.check(stack, name, section)


RULES: list[Rule] = []


def rule(*reads: str, each: type[Settings] | None = None, of_living: bool = False) -> Callable[[C], C]:
    """Register a rule. `reads`: the sections it looks at; it runs only where all of them could be understood;
    `components`: all of the kinds. A rule with `each` takes (stack, name, section) and reads that section anyway.
    """
    unknown = set(reads) - set(Stack.model_fields)
    if unknown:
        raise ValueError(f"no such sections: {sorted(unknown)}")

    def register(check: C) -> C:
        RULES.append(Rule(check, frozenset(reads), each, of_living))
        return check

    return register


def rule_problems(stack: Stack, sound: frozenset[str], *, to_destroy: bool = False) -> Iterator[Problem]:
    """What every applicable rule has to say."""
    for entry in RULES:
        if entry.reads <= sound and not (to_destroy and entry.of_living):
            yield from entry.problems(stack)
