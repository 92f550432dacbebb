"""The health agent: what it runs from, and its unit."""

from __future__ import annotations

from dataclasses import replace

from plan.model import File
from plan.programs import program_files
from plan.render import render

AGENT_UNIT = "mariadb-ha-agent.service"


def agent_files(*, step: str) -> tuple[File, ...]:
    """The agent's programs, delivered in the set of a step, and its unit."""
    programs = (replace(file, step=step, on_change=(f"restart {AGENT_UNIT}",)) for file in program_files("agent"))
    unit = File(path=f"/etc/systemd/system/{AGENT_UNIT}", content=render("agent/agent.service.j2"), on_change=("daemon-reload", f"try-restart {AGENT_UNIT}"))
    return (*programs, unit)
