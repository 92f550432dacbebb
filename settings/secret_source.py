"""Where the stack secret comes from at run time."""

from __future__ import annotations

from pathlib import Path

from settings.problem import Problem, SettingsError, quote
from settings.rules.secrets import COMMAND, weakness
from settings.stack import Stack


def read_stack_secret(stack: Stack, root: Path) -> str:
    """The stack secret: its own setting, or the content of `stack_secret_file` below the project's `root`, outer white
    space cut.

    Raises SettingsError where the file is missing, unreadable, or holds too little; the content is never shown.
    """
    if stack.stack_secret is not None:
        return stack.stack_secret.get_secret_value()
    name = stack.stack_secret_file
    if name is None:
        raise _error("is not set", "write the setting stack_secret or stack_secret_file")
    path = root / name
    make = f"`make up` makes the dev stack's; for another: (umask 077; openssl rand -base64 48 > {name})"
    try:
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise _error(
            f"{quote(name)} is not there",
            f"{make}; for a stack that is up, bring back the file it was made with, or run: {COMMAND}",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise _error(
            f"{quote(name)} cannot be read: {reason}", "mend the file or its rights (owner only: chmod 600)"
        ) from None
    weak = weakness(text)
    if weak:
        raise _error(f"{quote(name)} {weak}", make)
    return text


def _error(wrong: str, instead: str) -> SettingsError:
    return SettingsError(
        [
            str(
                Problem(
                    "stack_secret_file",
                    wrong,
                    "all passwords and keys are derived from it, so nothing can be built",
                    instead,
                )
            )
        ]
    )
