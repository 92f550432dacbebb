"""The promoter: it decides which of two hosts may hold the VIP and take writes; keepalived tracks its word."""

from __future__ import annotations

from plan.context import Context
from plan.model import File
from plan.parts import vrrp
from plan.programs import program_files
from plan.render import env_file, render, seconds
from settings.parts.promotion import Fencing

UNIT = "mariadb-ha-promoter.service"
#: What the running promoter has read.
PROMOTER = ("promoter", "promoter_decide.py", "promoter_peer.py", "promoter_right.py", "promoter_work.py")


def promoter_files(
    context: Context,
    name: str,
    host: str,
    *,
    resource: str,
    vips: tuple[str, ...],
    port: int,
    peer: str | None,
    fencing: Fencing | None,
    step: str,
) -> tuple[File, ...]:
    """What the promoter runs from, and what keepalived tracks.

    `resource`: the module `resource_RESOURCE.py` that knows what is promoted. `peer`: the other host; None where it
    is declared lost.
    `step`: the set in which keepalived's files are delivered.
    """
    timers = context.settings.timers.promotion
    restart = (f"try-restart {UNIT}",)
    return (
        *program_files("promoter", on_change=dict.fromkeys(PROMOTER, restart)),
        File(
            path="/etc/mariadb-ha/promoter.env",
            content=env_file(
                {
                    "NAME": name,
                    "RESOURCE": resource,
                    "VIPS": " ".join(vips),
                    "PORT": port,
                    "PEER": peer or "",
                    "PEER_ADDRESS": context.address(peer) if peer else "",
                    "PEER_TIMEOUT": seconds(timers.peer_timeout),
                    "HANG_TIMEOUT": seconds(timers.hang_timeout),
                    "FENCING": fencing.command if fencing else "",
                }
            ),
            on_change=restart,
        ),
        File(
            path=f"/etc/systemd/system/{UNIT}",
            content=render("promoter/promoter.service.j2"),
            on_change=("daemon-reload", *restart),
        ),
        *vrrp.tracked_files(name, unit=UNIT, step=step),
    )
