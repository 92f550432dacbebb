"""The real server of LVS-DR: the VIP on the loopback, silent in ARP (seed 000, lvsdr.sh)."""

from __future__ import annotations

from plan.base import program_file
from plan.context import Context
from plan.model import File
from plan.render import env_file, render
from plan.role import Role

UNIT = "mariadb-ha-lvsdr.service"


def realserver_role(context: Context, port: int) -> Role:
    """`lvsdr.sh` as a unit, and the firewall's opening for clients of the VIPs."""
    return Role(
        name="realserver",
        packages=("iproute2",),
        files=(
            program_file("lvsdr.sh", on_change=(f"try-restart {UNIT}",)),
            program_file("realserver-in"),
            program_file("facts_realserver.py"),
            File(path="/etc/mariadb-ha/realserver.env", content=env_file({"VIPS": " ".join(context.vips)}), on_change=(f"try-restart {UNIT}",)),
            File(path=f"/etc/systemd/system/{UNIT}", content=render("lvsdr.service.j2"), on_change=("daemon-reload",)),
            File(
                path="/etc/nftables.d/input-realserver.nft",
                content=render("realserver.nft.j2", vips=context.vips, port=port),
                check="nft",
                on_change=("reload-or-try-restart nftables",),
            ),
        ),
        units=(UNIT,),
    )
