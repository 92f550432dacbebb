"""One host of a DRBD pair: the replicated device, MariaDB on it where the promoter starts it, and the VIP."""

from __future__ import annotations

from dataclasses import replace

from plan.context import Context
from plan.model import File, Volume
from plan.needs import Needs
from plan.parts import promotion, server
from plan.parts.agent import AGENT_UNIT, agent_files, with_checks
from plan.programs import program_files
from plan.render import env_file, render
from plan.role import Role
from settings.kinds.drbd.model import VM_DISK, Drbd

UNIT = "mariadb-ha-drbd.service"
#: The sets of files that `drbd-up` and `vip-up` deliver.
STEP, VIP_STEP = "drbd", "vip"
#: What the running promoter has read of this role.
PROMOTERS = ("resource_drbd.py", "drbd_serving.py", "drbd_label.py", "drbd_state.py")
RESTART = (f"try-restart {promotion.UNIT}",)
#: When the two disks are compared by themselves (systemd.time(7)).
CALENDAR = {"daily": "*-*-* 03:30", "weekly": "Sun *-*-* 03:30", "monthly": "*-*-01 03:30"}
VERIFY = "mariadb-ha-drbd-verify"
#: What makes and mends each file system.
TOOLS = {"ext4": "e2fsprogs", "xfs": "xfsprogs"}
#: The agent's account where there is no mysql.
NO_SERVER_USER = "daemon"


def other(context: Context, pair: Drbd, host: str) -> str | None:
    """The other host; None where it is declared lost."""
    return next((each for each in context.live(pair.members) if each != host), None)


def shared_secret(context: Context, name: str, pair: Drbd) -> str:
    """By which the two know each other: given, else derived."""
    given = pair.shared_secret
    return given.get_secret_value() if given else context.secrets.password("drbd-shared-secret", name)


def skips_sync(context: Context, pair: Drbd) -> bool:
    """Whether two new disks count as alike: said so, or both are volumes that the stack makes."""
    if pair.initial_sync is not None:
        return pair.initial_sync == "skip"
    return all(host in context.vms for host in context.live(pair.members))


def mount_unit(path: str) -> str:
    """systemd's name of the mount (systemd-escape(1), for the characters that a mount point may have)."""
    return path.strip("/").replace("-", "\\x2d").replace("/", "-") + ".mount"


def drbd_role(context: Context, name: str, host: str, pair: Drbd) -> Role:
    """The device's files. The shared secret is in a file of its own; what MariaDB reads at its start comes by
    `drbd-up`.
    """
    peer = other(context, pair, host)
    mount = pair.mounted_at
    return Role(
        name="drbd",
        packages=("drbd-utils", "psmisc", TOOLS[pair.filesystem], *(_server_packages() if pair.mariadb else ())),
        files=(
            *with_checks(program_files("drbd", on_change=dict.fromkeys(PROMOTERS, RESTART)), step=STEP),
            *agent_files(step=STEP, port=pair.agent_port, user=server.USER if pair.mariadb else NO_SERVER_USER),
            # SQL and data directory: drbd-up and the promoter import them wherever the device is.
            *program_files("mariadb"),
            *(_server_files(context, name, host, pair) if pair.mariadb else ()),
            File(path="/etc/drbd.d/global_common.conf", content=render("drbd/global_common.conf.j2"), check="drbd"),
            File(
                path=f"/etc/drbd.d/{name}.res",
                content=render(
                    "drbd/resource.res.j2",
                    name=name,
                    pair=pair,
                    secret=shared_secret(context, name, pair),
                    timers=context.settings.timers.drbd,
                    hosts={each: context.address(each) for each in pair.members},
                ),
                mode="0600",
                secret=True,
                check="drbd",
                on_change=(f"try-reload-or-restart {UNIT}",),
            ),
            File(
                path="/etc/mariadb-ha/drbd.env",
                content=env_file(
                    {
                        "NAME": name,
                        "HOST": host,
                        "PEER": peer or "",
                        "MINOR": pair.minor,
                        "DISK": pair.disk(host),
                        "FILESYSTEM": pair.filesystem,
                        "MOUNT": mount,
                        "MARIADB": "yes" if pair.mariadb else "no",
                        "FIRST": "yes" if host == context.live(pair.members)[0] else "no",
                        "SKIP_SYNC": "yes" if skips_sync(context, pair) else "no",
                        "OVERWRITE": pair.members[host].overwrite or "",
                        "VERIFY_ALG": pair.verify_alg or "",
                    }
                ),
                on_change=RESTART,
            ),
            File(path="/etc/modules-load.d/60-mariadb-ha-drbd.conf", content=render("drbd/modules.conf.j2")),
            File(
                path=f"/etc/nftables.d/input-{name}.nft",
                content=render(
                    "drbd/drbd.nft.j2",
                    peer=context.address(peer) if peer else "",
                    ports=(pair.drbd_port, pair.promoter_port),
                ),
                check="nft",
                on_change=("reload-or-try-restart nftables",),
            ),
            _unit(f"{UNIT}", render("drbd/drbd.service.j2", name=name, verifies=pair.verifies)),
            *_verify_units(pair.verifies),
            _unit("drbd.service.d/mariadb-ha.conf", render("drbd/debian.dropin.j2")),
            _unit(f"{mount_unit(mount)}.d/mariadb-ha.conf", render("drbd/mount.dropin.j2")),
        ),
        units=(AGENT_UNIT, UNIT),
        volumes=(Volume(name="data", device=VM_DISK, mount=None),),
        needs=_needs(context, name, host, pair),
    )


def _unit(path: str, content: str) -> File:
    return File(path=f"/etc/systemd/system/{path}", content=content, on_change=("daemon-reload",))


def _verify_units(often: str | None) -> tuple[File, ...]:
    """The timer and what it starts; `drbd-up` starts and stops the timer."""
    if often is None:
        return ()
    again = ("daemon-reload", f"try-restart {VERIFY}.timer")
    calendar = CALENDAR[often]
    contents = {
        f"{VERIFY}.service": (render("drbd/verify.service.j2"), again[:1]),
        f"{VERIFY}.timer": (render("drbd/verify.timer.j2", often=often, calendar=calendar), again),
    }
    return tuple(
        File(path=f"/etc/systemd/system/{unit}", content=content, on_change=actions, step=STEP)
        for unit, (content, actions) in contents.items()
    )


def _server_packages() -> tuple[str, ...]:
    return (*server.PACKAGES, "python3-pymysql")


def _server_files(context: Context, name: str, host: str, pair: Drbd) -> tuple[File, ...]:
    """MariaDB's own. Its unit is never enabled, and does not start where the device is not mounted."""
    return (
        server.server_cnf(context, name, host, pair, step=STEP),
        server.server_dropin(pair),
        *server.client_opening(context, name, pair),
        _unit("mariadb.service.d/mariadb-ha-drbd.conf", render("drbd/mariadb.dropin.j2", mount=pair.mounted_at)),
    )


def _needs(context: Context, name: str, host: str, pair: Drbd) -> Needs:
    modules = {"drbd": "the replicated device"}
    if not pair.mariadb:
        return Needs(what="DRBD host", ports=pair.ports(name)[host], modules=modules, keepalived=True)
    needs = server.server_needs(context, name, pair, what="DRBD host", host=host, disk_mib=0)
    # its data lie on the device, not on what the folder is on before
    return replace(needs, disk_mib={}, modules=modules, keepalived=True)


def vip_role(context: Context, name: str, host: str, pair: Drbd) -> Role:
    """The pair's own VIP: keepalived, and the promoter whose word it tracks."""
    return promotion.vip_role(
        context,
        name,
        host,
        pair,
        resource="drbd",
        port=pair.promoter_port,
        peer=other(context, pair, host),
        fencing=pair.fencing,
        step=VIP_STEP,
    )
