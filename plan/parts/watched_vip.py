"""A VIP whose holder needs no exclusive right: keepalived tracks what the health agent says of each host."""

from __future__ import annotations

from plan.context import Context
from plan.model import File
from plan.needs import Needs
from plan.parts import server, vrrp
from plan.parts.agent import AGENT_UNIT
from plan.programs import program_files
from plan.render import env_file, render, seconds
from plan.role import Role
from settings.parts.vrrp import VrrpSection

UNIT = "mariadb-ha-vip-watch.service"
#: The set of files that `watched-vip-up` delivers.
STEP = "vip"
#: What the running watcher has read.
WATCHER = ("vip-watch",)
#: Seconds until a host's agent has seen that its server ended: it looks once a second, and at once when the server
#: closes its connection.
NOTICE = 1.0


def vip_role(
    context: Context, name: str, host: str, section: VrrpSection, *, vips: tuple[str, ...], hush: str, speak: str
) -> Role:
    """keepalived and the watcher on one host that has a health agent and a MariaDB server. `hush`: SQL after which
    the server has cut all clients and takes none, `speak`: SQL that ends it.
    """
    restart = (f"try-restart {UNIT}",)
    return Role(
        name="vip",
        packages=vrrp.PACKAGES,
        files=(
            *vrrp.vrrp_files(context, name, host, section, vips=vips, step=STEP, track_files=(vrrp.track(name),)),
            *vrrp.tracked_files(name, unit=UNIT, step=STEP),
            *program_files("vip", on_change=dict.fromkeys(WATCHER, restart)),
            File(
                path="/etc/mariadb-ha/vip.env",
                content=env_file(
                    {
                        "NAME": name,
                        "VIPS": " ".join(vips),
                        "HANG_TIMEOUT": seconds(context.settings.timers.promotion.hang_timeout),
                        "TAKEOVER": seconds(takeover(context, section)),
                        "HUSH": hush,
                        "SPEAK": speak,
                    }
                ),
                on_change=restart,
            ),
            File(
                path=f"/etc/systemd/system/{server.UNIT}.d/mariadb-ha-vip.conf",
                content=render("vip/leave.dropin.j2"),
                on_change=("daemon-reload",),
            ),
            File(
                path=f"/etc/systemd/system/{UNIT}",
                content=render("vip/vip-watch.service.j2", agent=AGENT_UNIT),
                on_change=("daemon-reload", *restart),
            ),
        ),
        units=(UNIT, vrrp.UNIT),
        needs=Needs(what="holder of a VIP", keepalived=True),
    )


def takeover(context: Context, section: VrrpSection) -> float:
    """Seconds after which the next host has the VIP of one that lost its power (RFC 5798 section 6.1)."""
    return round(3 * context.settings.timers.vrrp.advert_int + vrrp.skew(context, section), 2)
