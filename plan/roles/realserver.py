"""The real server of LVS-DR: the VIP on the loopback, silent in ARP."""

from __future__ import annotations

from plan.context import Context
from plan.model import File
from plan.parts.agent import with_checks
from plan.programs import program_files
from plan.render import env_file, render
from plan.role import Role

UNIT = "mariadb-ha-lvsdr.service"


def realserver_role(
    context: Context,
    name: str,
    *,
    vips: tuple[str, ...],
    port: int,
    directors: tuple[str, ...],
    agent_port: int,
    step: str | None,
) -> Role:
    """`lvsdr.sh` as a unit, and the firewall's openings for clients of the VIPs and for the directors' checks.

    `step`: the set in which the server behind delivers what its health agent reads.
    """
    programs = program_files("realserver", on_change={"lvsdr.sh": (f"try-restart {UNIT}",)})
    return Role(
        name="realserver",
        packages=("iproute2",),
        files=(
            *with_checks(programs, step=step),
            File(
                path="/etc/mariadb-ha/realserver.env",
                content=env_file({"VIPS": " ".join(vips)}),
                on_change=(f"try-restart {UNIT}",),
            ),
            File(
                path=f"/etc/systemd/system/{UNIT}",
                content=render("realserver/lvsdr.service.j2"),
                on_change=("daemon-reload",),
            ),
            File(
                path=f"/etc/nftables.d/input-{name}-realserver.nft",
                content=render(
                    "realserver/realserver.nft.j2",
                    vips=vips,
                    port=port,
                    checkers=context.addresses(directors),
                    checked=dict.fromkeys((port, agent_port)),
                ),
                check="nft",
                on_change=("reload-or-try-restart nftables",),
            ),
        ),
        units=(UNIT,),
    )
