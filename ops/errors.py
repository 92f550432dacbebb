"""What ends a command of hactl: words for the user and an exit code for scripts."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, documented in `hactl --help`."""

    GOOD = 0
    UNHEALTHY = 1
    REFUSED = 2
    UNREACHABLE = 3
    UNKNOWN = 4


class OpsError(Exception):
    """A failure that is told to the user in words, never as a traceback.

    `what` says what is wrong and where; `todo` what to do about it.
    """

    def __init__(self, what: str, todo: str, code: Exit) -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo
        self.code = code


class Interrupted(BaseException):
    """SIGINT or SIGTERM arrived. Not an Exception: nothing but the cleanup may stop it on its way out."""
