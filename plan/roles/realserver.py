"""The real server of LVS: what its forwarding method needs of it (kernel: ip-sysctl, ip-rule(8), ipip).

DR: the VIP on the loopback, silent in ARP. TUN: the VIP on tunl0, which unpacks what the directors send. NAT: answers
go through the director that holds the inner VIP.
"""

from __future__ import annotations

from plan.context import Context
from plan.model import File
from plan.needs import Needs
from plan.parts.agent import with_checks
from plan.parts.opening import admitted_from
from plan.programs import program_files
from plan.render import env_file, render
from plan.role import Role
from settings.kinds.directors.model import Directors

UNIT = "mariadb-ha-lvsdr.service"


def realserver_role(
    context: Context,
    name: str,
    host: str,
    directors: Directors,
    *,
    port: int,
    checkers: tuple[str, ...],
    agent_port: int,
    step: str | None,
) -> Role:
    """`lvsdr.sh` as a unit, and the firewall's openings for clients of the VIPs and for the directors' checks.

    `port`: where the server listens. `checkers`: the directors that live. `step`: the set in which the server behind
    delivers what its health agent reads.
    """
    method = directors.lb_kind
    vips = tuple(str(vip) for vip in directors.client_vips(name).values())
    env: dict[str, object] = {"METHOD": method, "VIPS": " ".join(vips)}
    if method == "NAT":
        near = context.addresses(context.hosts)
        env |= {
            "PORT": port,
            "GATEWAY": directors.inner_vip,
            "INTERFACE": context.interface(host),
            "NEAR": " ".join(near),
        }
    programs = program_files("realserver", on_change={"lvsdr.sh": (f"try-restart {UNIT}",)})
    module = (
        File(path=f"/etc/modules-load.d/mariadb-ha-{name}-realserver.conf", content="ipip\n", on_change=("provision",)),
    )
    return Role(
        name="realserver",
        packages=("iproute2",),
        files=(
            *with_checks(programs, step=step),
            File(
                path="/etc/mariadb-ha/realserver.env",
                content=env_file(env),
                on_change=(f"try-restart {UNIT}",),
            ),
            File(
                path=f"/etc/systemd/system/{UNIT}",
                content=render("realserver/lvsdr.service.j2", method=method),
                on_change=("daemon-reload",),
            ),
            File(
                path=f"/etc/nftables.d/input-{name}-realserver.nft",
                content=render(
                    "realserver/realserver.nft.j2",
                    method=method,
                    vips=vips,
                    address=context.address(host),
                    port=port,
                    clients=admitted_from(directors.client_cidrs),
                    checkers=context.addresses(checkers),
                    checked=dict.fromkeys((port, agent_port)),
                ),
                check="nft",
                on_change=("reload-or-try-restart nftables",),
            ),
            *(module if method == "TUN" else ()),
        ),
        units=(UNIT,),
        needs=Needs(
            what="real server behind TUN",
            modules={"ipip": "a director's packets come in ipip tunnels, and nothing would unpack them"},
        )
        if method == "TUN"
        else None,
    )
