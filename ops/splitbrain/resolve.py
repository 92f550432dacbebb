"""Carrying out how two hosts whose data went apart come together again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ops.component import Resolution
from ops.errors import Exit, OpsError
from ops.hosts.shell import Shell


def carry_out(shell: Shell, found: Resolution, say: Callable[[str], None]) -> list[str]:
    """All commands in order; the hosts' words.

    Raises:
        OpsError: one of them failed, or its host could not be reached.
    """
    said: list[str] = []

    def tell(host: str, words: str) -> None:
        said.append(f"{host}: {words}")
        say(said[-1])

    for host, script in found.commands:
        answer = shell.follow(host, script, timeout=found.patience, say=partial(tell, host))
        if not answer.good:
            reason = (answer.error.strip().splitlines() or [f"code {answer.code}"])[-1]
            raise OpsError(f"{host}: {reason}", "mend this, then run the same command again", Exit.UNHEALTHY)
    return said
