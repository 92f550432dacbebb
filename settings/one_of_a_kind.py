"""A stack file has one section of each kind: what is said to who writes a second one."""

from __future__ import annotations

import re

from settings.kinds import KINDS
from settings.problem import Problem, quote


def meant(key: str, value: object) -> str | None:
    """The kind of which a key with settings below it would be one more section (`drbd2`, `web_b`, `galera-orders`);
    None where it is of none, or rather misspelt.
    """
    if not isinstance(value, dict) and not str(value).lstrip().startswith("{"):
        return None
    for kind in KINDS:
        if re.fullmatch(rf"{kind}(?:[-_ ]?[0-9]+|[-_ ][A-Za-z0-9_-]+)", key):
            return kind
    return None


def second(where: str, kind: str, *, several: bool = False) -> Problem:
    """One more section of a kind. `several`: a list of them in one section."""
    wrong = f"is a list, and {kind} is one section" if several else f"would be a second section {quote(kind)}"
    return Problem(
        where,
        f"{wrong}: a stack file has one of each kind",
        "secrets, steps and drills are told apart by the section's name, and of the two one alone would be made",
        "give the second one a stack of its own (another Pulumi.NAME.yaml, with another virtual_router_id where it is"
        " on the same link); or use the components in a program of your own, which names as many as it likes"
        " (examples/own_program)",
    )
