"""The director: keepalived's VRRP instance and its virtual servers (keepalived.conf(5))."""

from __future__ import annotations

from dataclasses import dataclass

from plan.base import program_file
from plan.context import Context
from plan.model import File
from plan.render import LIB, env_file, render
from plan.role import Role
from settings.directors import VirtualServer

CONF = "/etc/keepalived/conf.d/50-director.conf"
GLOBAL = "/etc/keepalived/keepalived.conf"
#: The step that delivers keepalived's configuration and reloads it (director-up).
STEP = "director"
SYNC_UNIT = "mariadb-ha-ipvs-sync.service"


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
    real_servers: tuple[RealServer, ...]


def services(context: Context) -> tuple[Service, ...]:
    """The writer's virtual server and, where there is a second VIP, the reader's."""
    directors, galera = context.settings.directors, context.settings.galera
    if directors is None or galera is None:
        return ()
    single = galera.routing == "single-writer"

    def servers(*, ranked: bool) -> tuple[RealServer, ...]:
        count = len(context.real_servers)
        return tuple(
            RealServer(name=name, address=context.address(name), weight=count - index if ranked else 1)
            for index, name in enumerate(context.real_servers)
        )

    algo = directors.virtual_server.lb_algo or ("fo" if single else "rr")
    found = [
        Service(title="writer", vip=str(directors.vip), settings=directors.virtual_server, lb_algo=algo, real_servers=servers(ranked=algo == "fo"))
    ]
    if directors.reader:
        reader = directors.reader.virtual_server
        found.append(
            Service(title="reader", vip=str(directors.reader.vip), settings=reader, lb_algo=reader.lb_algo or "rr", real_servers=servers(ranked=False))
        )
    return tuple(found)


def _auth_pass(context: Context) -> str:
    authentication = context.settings.directors and context.settings.directors.authentication
    if authentication and authentication.auth_pass:
        return authentication.auth_pass.get_secret_value()
    return context.secrets.password("vrrp-auth-pass", length=8)


def director_role(context: Context, host: str) -> Role:
    """keepalived, IPVS modules and kernel settings, and the firewall's openings for VRRP, sync and clients."""
    section = context.settings.directors
    if section is None:
        raise ValueError("the stack has no directors")
    peers = context.addresses(tuple(name for name in context.directors if name != host))
    found = services(context)
    schedulers = sorted({service.lb_algo for service in found})
    timers = context.settings.timers.values()
    files = [
        program_file("director-up"),
        program_file("drain-check.sh"),
        program_file("facts_director.py"),
        program_file("ipvs-sync.sh"),
        File(
            path="/etc/mariadb-ha/ipvs-sync.env",
            content=env_file(
                {
                    "LVS_SYNC_DAEMON": "yes" if section.lvs_sync_daemon else "no",
                    "INTERFACE": context.interface(host),
                    "SYNC_ID": section.virtual_router_id,
                }
            ),
            on_change=(f"try-restart {SYNC_UNIT}",),
        ),
        File(
            path="/etc/mariadb-ha/director.env",
            content=env_file({"VIPS": " ".join(context.vips), "PORT": section.virtual_server.port}),
        ),
        File(
            path=GLOBAL,
            content=render(
                "keepalived.conf.j2", router_id=section.members[host].router_id or host, vrrp_version=section.vrrp_version, notification=section.notification
            ),
            check="keepalived",
            step=STEP,
        ),
        File(
            path=CONF,
            content=render(
                "director.conf.j2",
                section=section,
                interface=context.interface(host),
                prefix=context.settings.network.cidr.prefixlen,
                address=context.address(host),
                priority=section.members[host].priority,
                peers=peers,
                vips=context.vips,
                services=found,
                timers=timers,
                drain_check=f"{LIB}/drain-check.sh",
                agent_port=context.settings.galera.agent_port if context.settings.galera else 0,
            ),
            check="keepalived",
            step=STEP,
        ),
        File(
            path="/etc/modules-load.d/mariadb-ha-director.conf",
            content="".join(f"{name}\n" for name in ("ip_vs", *(f"ip_vs_{algo}" for algo in schedulers))),
            on_change=("provision",),
        ),
        File(
            path="/etc/sysctl.d/60-mariadb-ha-director.conf",
            content=render("director.sysctl.j2", sloppy_tcp="mh" in schedulers),
            on_change=("provision",),
        ),
        File(
            path="/etc/nftables.d/input-director.nft",
            content=render("director.nft.j2", peers=peers, vips=context.vips, port=section.virtual_server.port, sync=section.lvs_sync_daemon),
            check="nft",
            on_change=("reload-or-try-restart nftables",),
        ),
        File(path="/etc/systemd/system/keepalived.service.d/mariadb-ha.conf", content=render("keepalived.dropin.j2"), on_change=("daemon-reload",)),
        File(path=f"/etc/systemd/system/{SYNC_UNIT}", content=render("ipvs-sync.service.j2"), on_change=("daemon-reload",)),
    ]
    if section.authentication:
        files.append(
            File(
                path="/etc/keepalived/secret.d/auth_pass.conf",
                content=render("auth_pass.conf.j2", auth_type=section.authentication.auth_type, auth_pass=_auth_pass(context)),
                mode="0600",
                secret=True,
                on_change=("try-reload-or-restart keepalived",),
            )
        )
    return Role(name="director", packages=("keepalived", "ipvsadm"), files=tuple(files), units=("keepalived.service", SYNC_UNIT))
