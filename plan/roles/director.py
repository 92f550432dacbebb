"""The director: LVS's virtual servers (keepalived.conf(5)) beside the VIP,
IPVS's kernel settings and its sync daemons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plan.context import Context
from plan.model import File
from plan.needs import Needs
from plan.parts import vrrp
from plan.parts.opening import admitted_from
from plan.programs import program_files
from plan.render import env_file, render, seconds
from plan.role import Role
from settings.kinds.directors.model import Directors, VirtualServer

#: The set of files that `director-up` delivers before it reloads keepalived.
STEP = "director"
SYNC_UNIT = "mariadb-ha-ipvs-sync.service"
WATCH_UNIT = "mariadb-ha-drain-watch.service"
#: The port that clients use is looked at in every so many rounds of checks: a director that is short of processor time
#: ends its look too late to stay unseen, and MariaDB writes a line for each that it sees.
PORT_LOOKS = 5
#: Where drain-watch says which real servers want no new clients, and which have no place.
VERDICTS, OUT = "/run/mariadb-ha/servers", "/run/mariadb-ha/out"


@dataclass(frozen=True, kw_only=True)
class RealServer:
    """A real server of a virtual server, as keepalived names them."""

    name: str
    address: str
    weight: int


@dataclass(frozen=True, kw_only=True)
class Service:
    """One `virtual_server` block."""

    title: str
    vip: str
    settings: VirtualServer
    lb_algo: str
    port: int
    """Of the real servers."""
    real_servers: tuple[RealServer, ...]


def services(
    context: Context, directors: Directors, servers: tuple[str, ...], *, one_writer: bool, port: int
) -> tuple[Service, ...]:
    """The writer's virtual server and, where there is a second VIP, the reader's.

    `servers`: real servers, the preferred writer first. `port`: where they listen.
    """

    def service(title: str, vip: object, settings: VirtualServer, usual: str) -> Service:
        algo = settings.lb_algo or usual
        ranked = algo == "fo" and not settings.weights
        return Service(
            title=title,
            vip=str(vip),
            settings=settings,
            lb_algo=algo,
            port=port,
            real_servers=tuple(
                RealServer(
                    name=name,
                    address=context.address(name),
                    weight=len(servers) - index if ranked else settings.weights.get(name, 1),
                )
                for index, name in enumerate(servers)
            ),
        )

    found = [service("writer", directors.vip, directors.virtual_server, "fo" if one_writer else "rr")]
    if directors.reader:
        found.append(service("reader", directors.reader.vip, directors.reader.virtual_server, "rr"))
    return tuple(found)


def director_role(
    context: Context, name: str, host: str, directors: Directors, found: Sequence[Service], *, agent_port: int
) -> Role:
    """keepalived with the VIP and the virtual servers, IPVS modules and kernel settings, the firewall's openings for
    sync and clients.
    """
    peers = context.addresses(tuple(peer for peer in vrrp.holders(context, directors) if peer != host))
    schedulers = sorted({service.lb_algo for service in found})
    vips = tuple(str(vip) for vip in directors.client_vips(name).values())
    moved = tuple(str(vip) for vip in directors.vips(name).values())
    checks = context.settings.timers.checks
    watched = [server.name for server in found[0].real_servers]
    files = (
        *vrrp.vrrp_files(context, name, host, directors, vips=moved, step=STEP),
        *program_files("director", on_change={"drain-watch": (f"try-restart {WATCH_UNIT}",)}),
        File(
            path="/etc/mariadb-ha/ipvs-sync.env",
            content=env_file(
                {
                    "LVS_SYNC_DAEMON": "yes" if directors.lvs_sync_daemon else "no",
                    "INTERFACE": context.interface(host),
                    "SYNC_ID": directors.virtual_router_id,
                }
            ),
            on_change=(f"try-restart {SYNC_UNIT}",),
        ),
        File(
            path="/etc/mariadb-ha/director.env",
            content=env_file(
                {
                    "VIPS": " ".join(vips),
                    "PORT": directors.virtual_server.port,
                    "SERVERS": " ".join(f"{server.name}={server.address}" for server in found[0].real_servers),
                    "AGENT_PORT": agent_port,
                    "SERVER_PORT": found[0].port,
                }
            ),
            on_change=(f"try-restart {WATCH_UNIT}",),
        ),
        File(
            path="/etc/mariadb-ha/director-checks.env",
            content=env_file(
                {
                    "DELAY_LOOP": seconds(PORT_LOOKS * checks.delay_loop),
                    "CHECK_LOOP": seconds(checks.delay_loop),
                    "CONNECT_TIMEOUT": seconds(checks.connect_timeout),
                    "RETRY": checks.retry,
                    "DELAY_BEFORE_RETRY": seconds(checks.delay_before_retry),
                    "LATE_HOLD": seconds(checks.late_hold),
                }
            ),
            on_change=(f"try-restart {WATCH_UNIT}",),
            step=STEP,
        ),
        File(
            path=f"/etc/keepalived/conf.d/60-lvs-{name}.conf",
            content=render(
                "director/lvs.conf.j2",
                services=found,
                timers=checks,
                timeouts=directors.lvs_timeouts,
                verdicts=VERDICTS,
                out=OUT,
                watched=watched,
            ),
            check="keepalived",
            step=STEP,
        ),
        File(
            path=f"/etc/modules-load.d/mariadb-ha-{name}.conf",
            content="".join(f"{module}\n" for module in ("ip_vs", *(f"ip_vs_{algo}" for algo in schedulers))),
            on_change=("provision",),
        ),
        File(
            path=f"/etc/sysctl.d/60-mariadb-ha-{name}.conf",
            content=render(
                "director/director.sysctl.j2",
                sloppy_tcp="mh" in schedulers,
                forwards=directors.lb_kind == "NAT",
                interface=context.interface(host),
            ),
            on_change=("provision",),
        ),
        File(
            path=f"/etc/nftables.d/input-{name}-lvs.nft",
            content=render(
                "director/lvs.nft.j2",
                peers=peers if directors.lvs_sync_daemon else (),
                services=found,
                clients=admitted_from(directors.client_cidrs),
            ),
            check="nft",
            on_change=("reload-or-try-restart nftables",),
        ),
        File(
            path="/etc/systemd/system/keepalived.service.d/mariadb-ha.conf",
            content=render("director/keepalived.dropin.j2", verdicts=VERDICTS, out=OUT, watched=watched),
            on_change=("daemon-reload",),
        ),
        File(
            path=f"/etc/systemd/system/{SYNC_UNIT}",
            content=render("director/ipvs-sync.service.j2"),
            on_change=("daemon-reload",),
        ),
        File(
            path=f"/etc/systemd/system/{WATCH_UNIT}",
            content=render("director/drain-watch.service.j2"),
            on_change=("daemon-reload", f"try-restart {WATCH_UNIT}"),
        ),
    )
    return Role(
        name="director",
        packages=(*vrrp.PACKAGES, "ipvsadm"),
        files=files,
        units=(vrrp.UNIT, SYNC_UNIT, WATCH_UNIT),
        needs=Needs(
            what="director",
            modules={"ip_vs": "a director forwards clients by IPVS and cannot work without it"},
            keepalived=True,
        ),
    )
