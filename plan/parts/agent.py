"""The health agent: its programs, its unit, where it listens, and the checks that roles add to it (`check_*.py`)."""

from __future__ import annotations

from dataclasses import replace

from plan.model import File
from plan.programs import program_files
from plan.render import LIB, env_file, render, seconds

AGENT_UNIT = "mariadb-ha-agent.service"
#: What the running agent has read; the agent's other modules are read by every program at its own start.
AT_START = (f"{LIB}/health", f"{LIB}/check_")


def agent_files(*, step: str, port: int, user: str, late_hold: float = 0.0) -> tuple[File, ...]:
    """The agent on a host.

    What it reads at its start is delivered in the set of a step. `user`: the Unix account that it runs as.
    `late_hold`: seconds for which a host whose service answers late keeps its place.
    """
    return (
        *with_checks(program_files("agent"), step=step),
        File(
            path="/etc/mariadb-ha/agent.env",
            content=env_file({"AGENT_PORT": port, "LATE_HOLD": seconds(late_hold)}),
            on_change=(f"restart {AGENT_UNIT}",),
            step=step,
        ),
        File(
            path=f"/etc/systemd/system/{AGENT_UNIT}",
            content=render("agent/agent.service.j2", user=user),
            on_change=("daemon-reload", f"try-restart {AGENT_UNIT}"),
        ),
    )


def with_checks(programs: tuple[File, ...], *, step: str | None) -> tuple[File, ...]:
    """A role's programs, those that the agent reads at its start in the set of a step: the agent is restarted on one
    host after the other.
    """
    return tuple(
        replace(file, step=step, on_change=(f"restart {AGENT_UNIT}",)) if file.path.startswith(AT_START) else file
        for file in programs
    )
