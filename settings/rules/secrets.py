"""The stack secret: there, once, and worth its name."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from settings.encrypted import ENCRYPTED
from settings.problem import Problem, quote
from settings.purposes import purposes
from settings.rules.registry import rule
from settings.stack import Stack

SHORTEST = 32
_LEAST_VARIETY = 10
COMMAND = 'pulumi config set --secret mariadb-ha:stack_secret "$(openssl rand -base64 48)"'


def weakness(text: str) -> str | None:
    """Why a text is no stack secret; None when it will do."""
    if len(text) < SHORTEST:
        return f"has {len(text)} characters; {SHORTEST} are the least"
    if len(set(text)) < _LEAST_VARIETY:
        return f"has {len(set(text))} different characters: it was not drawn at random"
    return None


@rule("stack_secret", "stack_secret_file")
def one_secret(stack: Stack) -> Iterator[Problem]:
    """Exactly one source."""
    if stack.stack_secret is None and stack.stack_secret_file is None:
        yield Problem(
            "stack_secret",
            "is missing, and so is stack_secret_file",
            "all passwords and keys are derived from it, so nothing can be built",
            f"run: {COMMAND}",
        )
    if stack.stack_secret is not None and stack.stack_secret_file is not None:
        yield Problem(
            "stack_secret",
            "and stack_secret_file are both given",
            "nobody could say which one the servers' passwords come from",
            "keep the one that the stack was made with, and remove the other",
        )


@rule("stack_secret")
def strong_secret(stack: Stack) -> Iterator[Problem]:
    """Long, and drawn at random."""
    text = stack.stack_secret.get_secret_value() if stack.stack_secret else ENCRYPTED
    weak = None if text == ENCRYPTED else weakness(text)
    if weak:
        yield Problem(
            "stack_secret", weak, "every password and key of the stack could be guessed from it", f"run: {COMMAND}"
        )


@rule("stack_secret_file")
def secret_file(stack: Stack) -> Iterator[Problem]:
    """A path within the project."""
    given = stack.stack_secret_file
    if given is None:
        return
    key = "stack_secret_file"
    if given.startswith(("/", "~", "\\")):
        yield Problem(
            key,
            f"{quote(given)} is not relative to the project",
            "the stack file would work on one machine only",
            "write a path such as .state/dev/stack_secret",
        )
    elif not given.strip() or not given.isprintable() or given.endswith("/"):
        yield Problem(
            key,
            f"{quote(given)} names no file",
            "no secret could be read from it",
            "write a path such as .state/dev/stack_secret",
        )


@rule("secret_generations")
def generations(stack: Stack) -> Iterator[Problem]:
    """Known purposes, counted from 1."""
    known = purposes()
    for purpose, number in stack.secret_generations.items():
        key = f"secret_generations.{purpose[:80]}"
        if purpose not in known:
            near = get_close_matches(purpose[:64], known, n=1, cutoff=0.5)
            yield Problem(
                key,
                "is no purpose of a secret",
                "nothing would be rotated",
                f"did you mean {near[0]}? There are {', '.join(known)}"
                if near
                else f"choose one of {', '.join(known)}",
            )
        elif number > 1 and not known[purpose]:
            yield Problem(
                key,
                "cannot be rotated on a living stack yet",
                "Pulumi could not log in any more"
                if "ssh" in purpose
                else "state transfers would fail until every node was restarted",
                f"leave it out; rotated can be {', '.join(name for name, rotates in known.items() if rotates)}",
            )
        if number < 1:
            yield Problem(
                key,
                f"{quote(number)} is less than 1",
                "generations only ever go up, so that an old secret never comes back",
                "write 1 (the first), 2, …",
            )
