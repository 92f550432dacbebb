"""A balancer: haproxy beside the VIP, and what the servers behind it do for its sake."""

from __future__ import annotations

from collections.abc import Mapping

from plan.context import Context
from plan.model import File
from plan.needs import Needs
from plan.parts import server, vrrp
from plan.parts.opening import admitted_from
from plan.programs import program_files
from plan.render import env_file, render
from plan.role import Role
from settings.kinds.balancers.model import Balancers
from settings.section import Readers, Source

#: The set of files that `balancer-up` delivers.
STEP = "balancer"
UNIT = "haproxy.service"
CONFIG, USERS = "/etc/haproxy/haproxy.cfg", "/etc/haproxy/mariadb-ha-users.cfg"
#: haproxy's socket for statistics and commands (haproxy's management guide).
SOCKET = "/run/haproxy/admin.sock"
#: Sessions of a server that are left to replication, the health agent and people, where it takes enough.
RESERVED = 20
#: TCP keepalive of both ends of a session (seconds, seconds, probes): tcp(7).
KEEPALIVE = {"idle": 10, "interval": 5, "count": 3}


def balancer_role(
    context: Context, name: str, host: str, balancers: Balancers, source: Source, readers: Readers
) -> Role:
    """haproxy and keepalived with their files."""
    vips = tuple(str(vip) for vip in balancers.vips(name).values())
    password = context.secrets.password("stats-password", name)
    timers = context.settings.timers.checks
    return Role(
        name="balancer",
        packages=(*vrrp.PACKAGES, "haproxy"),
        files=(
            *vrrp.vrrp_files(
                context,
                name,
                host,
                balancers,
                vips=vips,
                step=STEP,
                checks=(f"{name}_alive",),
                track_files=(f"{name}_balances",),
            ),
            *program_files("balancer"),
            File(
                path=CONFIG,
                content=render("balancer/haproxy.cfg.j2", **_values(context, host, balancers, source, readers)),
                check="haproxy",
                step=STEP,
            ),
            File(
                path=USERS,
                content=render("balancer/users.cfg.j2", password=password),
                mode="0600",
                secret=True,
                on_change=("try-reload-or-restart haproxy",),
            ),
            File(
                path="/etc/mariadb-ha/balancer.env",
                content=env_file({"VIPS": " ".join(vips), "SOCKET": SOCKET}),
            ),
            File(
                path=f"/etc/systemd/system/{UNIT}.d/mariadb-ha.conf",
                content=render("balancer/haproxy.dropin.j2", name=name, secret=USERS),
                on_change=("daemon-reload",),
            ),
            File(
                path="/etc/systemd/system/keepalived.service.d/mariadb-ha.conf",
                content=render("balancer/keepalived.dropin.j2", name=name),
                on_change=("daemon-reload",),
            ),
            File(
                path=f"/etc/keepalived/conf.d/40-track-{name}.conf",
                content=render("balancer/track.conf.j2", name=name, stats_port=balancers.stats_port, timers=timers),
                check="keepalived",
                step=STEP,
            ),
            File(
                path=f"/etc/nftables.d/input-{name}-balancer.nft",
                content=render(
                    "balancer/balancer.nft.j2",
                    vip=vips[0],
                    ports=(balancers.write_port, balancers.read_port),
                    clients=admitted_from(balancers.client_cidrs),
                    admin_cidrs=context.settings.ssh.admin_cidrs,
                    stats_port=balancers.stats_port,
                ),
                check="nft",
                on_change=("reload-or-try-restart nftables",),
            ),
        ),
        units=(vrrp.UNIT, UNIT),
        needs=Needs(what="balancer", ports=balancers.ports(name)[host], keepalived=True),
    )


def _values(
    context: Context, host: str, balancers: Balancers, source: Source, readers: Readers
) -> Mapping[str, object]:
    """What haproxy's configuration is made from."""
    mail = balancers.notification
    server_port = mail.smtp_server.split() if mail else []
    return {
        "host": host,
        "balancers": balancers,
        "source": source,
        "timers": context.settings.timers.checks,
        "secret": USERS,
        "socket": SOCKET,
        "seats": seats(source.max_connections),
        "keepalive": KEEPALIVE,
        "silence": KEEPALIVE["idle"] + KEEPALIVE["interval"] * KEEPALIVE["count"],
        "readers": [{"name": each, "address": context.address(each)} for each in context.live(readers.members)],
        "readers_port": readers.port,
        "readers_agent": readers.agent_port,
        "readers_seats": seats(readers.max_connections),
        "masters": [{"name": each, "address": context.address(each)} for each in context.live(source.members)],
        "mailers": {
            "server": f"{server_port[0]}:{server_port[1] if len(server_port) > 1 else 25}",
            "timeout": mail.smtp_connect_timeout,
            "sender": mail.notification_email_from,
            "recipient": mail.notification_email[0],
        }
        if mail
        else None,
    }


def seats(max_connections: int) -> int:
    """Sessions of clients that a server gets; more wait in haproxy."""
    return max(max_connections - RESERVED, max_connections // 2)


def balanced_role(context: Context, name: str, balancers: Balancers, port: int, agent_port: int) -> Role:
    """The way through a server's firewall for clients that come by the balancers, and for their checks."""
    return Role(
        name="balanced",
        files=(
            server.peers_opening(
                name,
                "balancers",
                what="balancers: clients that come by them, and their checks",
                addresses=context.addresses(vrrp.holders(context, balancers)),
                ports=(port, agent_port),
            ),
        ),
    )
