"""The health agent: what it runs from, and its unit."""

from __future__ import annotations

from dataclasses import replace

from plan.base import program_file
from plan.model import File
from plan.render import render

AGENT_UNIT = "mariadb-ha-agent.service"
PROGRAMS = ("health-agent", "health_check.py", "health_look.py")


def agent_files(*, step: str) -> tuple[File, ...]:
    """The agent's programs, delivered in the set of a step, and its unit."""
    programs = (replace(program_file(name, on_change=(f"restart {AGENT_UNIT}",)), step=step) for name in PROGRAMS)
    unit = File(path=f"/etc/systemd/system/{AGENT_UNIT}", content=render("agent.service.j2"), on_change=("daemon-reload", f"try-restart {AGENT_UNIT}"))
    return (*programs, unit)
