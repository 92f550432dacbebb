"""A VIP that hosts share: keepalived's VRRP instance (keepalived.conf(5)), its password, and the peers' way through the
firewall.
"""

from __future__ import annotations

from plan.context import Context
from plan.model import File
from plan.parts.packages import left_alone
from plan.programs import program_files, program_path
from plan.render import render
from settings.parts.vrrp import VrrpSection

GLOBAL = "/etc/keepalived/keepalived.conf"
UNIT = "keepalived.service"
PACKAGES = ("keepalived",)

#: Seconds that a stop itself takes: systemd asks keepalived, which ends its processes, takes the VIP off the link and
#: sends the advert of priority 0; after the skew the next holder puts the VIP on and tells the link (gratuitous ARP).
#: Measured as what the gap is longer than the skew: 0.1 s on idle hosts, 0.2 s on a loaded machine (docs/promises.md).
STOP = 0.3


def holders(context: Context, section: VrrpSection) -> tuple[str, ...]:
    """Hosts that may hold the VIP and live, the highest priority first."""
    return context.live(section.ranked())


def skew(context: Context, section: VrrpSection) -> float:
    """Time, in seconds, by which the next holder lags behind: (256 - priority)/256 of an advert (of a second under
    version 2).
    """
    hosts = holders(context, section)
    if len(hosts) < 2:
        return 0.0
    unit = context.settings.timers.vrrp.advert_int if section.vrrp_version == 3 else 1.0
    return (256 - section.holders()[hosts[1]].priority) / 256 * unit


def handover(context: Context, section: VrrpSection) -> float:
    """Seconds until the next holder has the VIP of one whose keepalived is stopped in order: it does not wait for
    adverts to be missed, only for its own skew (RFC 5798 section 6.4.2).
    """
    return STOP + skew(context, section)


def unit_dropin(name: str, *, wants: tuple[str, ...]) -> File:
    """What keepalived's unit needs for a component's sake: the units that it is started after, and with."""
    return File(
        path=f"/etc/systemd/system/{UNIT}.d/mariadb-ha-{name}.conf",
        content=render("vrrp/keepalived.dropin.j2", wants=wants),
        on_change=("daemon-reload",),
    )


def vrrp_files(
    context: Context,
    name: str,
    host: str,
    section: VrrpSection,
    *,
    vips: tuple[str, ...],
    step: str,
    checks: tuple[str, ...] = (),
    track_files: tuple[str, ...] = (),
) -> tuple[File, ...]:
    """keepalived's global file and the VRRP instance of one component on one host.

    `step`: the set in which keepalived's files are delivered. `checks`: names of `vrrp_script` blocks that the instance
    tracks; the role that wants them lays them in a file of its own in conf.d. `track_files`: likewise `track_file`
    blocks.
    """
    peers = context.addresses(tuple(peer for peer in holders(context, section) if peer != host))
    secret = f"/etc/keepalived/secret.d/{name}.conf"
    files = [
        *program_files("vrrp"),
        left_alone("keepalived", ("keepalived$",)),
        File(
            path=GLOBAL,
            content=render(
                "vrrp/keepalived.conf.j2",
                router_id=section.holders()[host].router_id or host,
                vrrp_version=section.vrrp_version,
                notification=section.notification,
            ),
            check="keepalived",
            step=step,
        ),
        File(
            path=f"/etc/keepalived/conf.d/50-vrrp-{name}.conf",
            content=render(
                "vrrp/vrrp.conf.j2",
                name=name,
                section=section,
                interface=context.interface(host),
                prefix=context.settings.network.cidr.prefixlen,
                address=context.address(host),
                priority=section.holders()[host].priority,
                peers=peers,
                vips=vips,
                advert_int=context.settings.timers.vrrp.advert_int,
                secret=secret,
                checks=checks,
                track_files=track_files,
            ),
            check="keepalived",
            step=step,
        ),
        File(
            path=f"/etc/systemd/system/{UNIT}.d/mariadb-ha-own-address.conf",
            content=render(
                "vrrp/own-address.dropin.j2",
                program=program_path("own-address"),
                address=context.address(host),
                vip=vips[0],
            ),
            on_change=("daemon-reload",),
        ),
        File(
            path=f"/etc/nftables.d/input-{name}-vrrp.nft",
            content=render("vrrp/vrrp.nft.j2", peers=peers),
            check="nft",
            on_change=("reload-or-try-restart nftables",),
        ),
    ]
    if section.authentication:
        given = section.authentication.auth_pass
        password = given.get_secret_value() if given else context.secrets.password("vrrp-auth-pass", name, length=8)
        files.append(
            File(
                path=secret,
                content=render(
                    "vrrp/auth_pass.conf.j2", auth_type=section.authentication.auth_type, auth_pass=password
                ),
                mode="0600",
                secret=True,
                on_change=("try-reload-or-restart keepalived",),
            )
        )
    return tuple(files)


def track(name: str) -> str:
    """keepalived's name of the file that says whether a host may hold a component's VIP."""
    return f"{name}_eligible"


def tracked_files(name: str, *, unit: str, step: str) -> tuple[File, ...]:
    """What keepalived needs to track such a file, which `unit` writes (/run/mariadb-ha/NAME.eligible; 0: it may).

    `step`: the set in which keepalived's files are delivered.
    """
    return (
        File(
            path=f"/etc/keepalived/conf.d/40-track-{name}.conf",
            content=render("vrrp/track.conf.j2", name=name, unit=unit),
            check="keepalived",
            step=step,
        ),
        File(
            path="/etc/systemd/system/keepalived.service.d/mariadb-ha.conf",
            content=render("vrrp/tracked.dropin.j2", name=name, unit=unit),
            on_change=("daemon-reload",),
        ),
    )
