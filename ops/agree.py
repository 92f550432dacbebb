"""Asking the user before something that clients may notice."""

from __future__ import annotations

import sys

import typer

from ops.errors import Exit, OpsError


def check_agreement(effect: str, *, yes: bool) -> None:
    """Refuses early when the question could not be asked later. `effect` says what it does, as a sentence's first half.

    Raises:
        OpsError: nobody is there to ask.
    """
    if not yes and not sys.stdin.isatty():
        raise OpsError(f"{effect} and nobody is at the terminal to agree", "say --yes", Exit.REFUSED)


def ask(question: str, effect: str, *, yes: bool) -> None:
    """Goes on only with a yes.

    Raises:
        OpsError: the answer was no, or nobody is there to ask.
    """
    check_agreement(effect, yes=yes)
    if not yes and not typer.confirm(question, err=True):
        raise OpsError("not agreed; nothing was touched", "run it again when it suits", Exit.REFUSED)
