"""The promoter: it decides which of two hosts may hold the VIP and take writes; keepalived tracks its word."""

from __future__ import annotations

import json
from ipaddress import IPv4Address

from plan.context import Context
from plan.model import File
from plan.parts import vrrp
from plan.programs import program_files
from plan.render import env_file, render, seconds
from plan.role import Role
from settings.parts.promotion import Fencing, LibvirtFencing
from settings.parts.vrrp import VrrpSection

UNIT = "mariadb-ha-promoter.service"
FENCING, KEY, KNOWN = (f"/etc/mariadb-ha/fencing.{what}" for what in ("json", "key", "known_hosts"))
RESTART = (f"try-restart {UNIT}",)
#: What the running promoter has read.
PROMOTER = (
    "fenced_mark.py",
    "promoter",
    "promoter_answers.py",
    "promoter_decide.py",
    "promoter_host.py",
    "promoter_peer.py",
    "promoter_right.py",
    "promoter_witness.py",
    "promoter_work.py",
)


def witness_addresses(context: Context, given: tuple[IPv4Address, ...] | None) -> tuple[str, ...]:
    """Addresses of nobody's that both hosts can ask; where none are given, the gateway."""
    gateway = context.settings.network.gateway
    return tuple(map(str, (gateway,) if given is None and gateway else given or ()))


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
    witnesses: tuple[str, ...] = (),
    step: str,
) -> tuple[File, ...]:
    """What the promoter runs from, and what keepalived tracks.

    `resource`: the module `resource_RESOURCE.py` that knows what is promoted. `peer`: the other host; None where it
    is declared lost.
    `witnesses`: addresses that tell a host whose own cable is cut. `step`: the set in which keepalived's files are
    delivered.
    """
    timers = context.settings.timers.promotion
    return (
        *program_files("promoter", on_change=dict.fromkeys(PROMOTER, RESTART)),
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
                    "FENCING": fencing.program if fencing else "",
                    "FENCING_TIMEOUT": fencing.timeout if fencing else "",
                    "WITNESSES": " ".join(witnesses),
                }
            ),
            on_change=RESTART,
        ),
        *(fencing_files(context, name, fencing, peer) if fencing and peer else ()),
        File(
            path=f"/etc/systemd/system/{UNIT}",
            content=render("promoter/promoter.service.j2"),
            on_change=("daemon-reload", *RESTART),
        ),
        *vrrp.tracked_files(name, unit=UNIT, step=step),
    )


def fencing_packages(fencing: Fencing | None) -> tuple[str, ...]:
    """What an agent needs."""
    needed: dict[str, tuple[str, ...]] = {"libvirt": ("openssh-client",), "ipmi": ("ipmitool",)}
    return needed.get(fencing.agent, ()) if fencing else ()


def domain(context: Context, fencing: LibvirtFencing, host: str) -> str:
    """What the hypervisor calls a host."""
    return fencing.domains.get(host, f"{context.stack}-{host}")


def fencing_files(context: Context, name: str, fencing: Fencing, peer: str) -> tuple[File, ...]:
    """What the agent's program on one host reads: the other host's power, and nobody else's."""
    how: dict[str, object]
    files: list[File] = []
    if fencing.agent == "ipmi" and peer in fencing.ipmi:
        one = fencing.ipmi[peer]
        how = {
            "address": str(one.address),
            "user": one.user,
            "password": one.password.get_secret_value(),
            "cipher_suite": one.cipher_suite,
        }
    elif fencing.agent == "libvirt" and fencing.libvirt:
        there = fencing.libvirt
        how = {"host": there.host, "port": there.port, "user": there.user, "domain": domain(context, there, peer)}
        at = there.host if there.port == 22 else f"[{there.host}]:{there.port}"
        files = [
            File(path=KNOWN, content=f"{at} {there.host_key}\n"),
            File(path=KEY, content=context.secrets.ssh_key("fencing-key", name).private, mode="0600", secret=True),
        ]
    else:
        return ()
    what = {"agent": fencing.agent, "peer": peer, "timeout": fencing.timeout, **how}
    content = json.dumps(what, sort_keys=True) + "\n"
    return (*files, File(path=FENCING, content=content, mode="0600", secret=True))


def fencing_outputs(context: Context, name: str, fencing: Fencing | None, members: tuple[str, ...]) -> dict[str, str]:
    """Who fences; and the line that admits the key at the hypervisor, for its account's authorized_keys
    (docs/fencing.md)."""
    if fencing is None:
        return {}
    if fencing.libvirt is None or fencing.agent != "libvirt":
        return {"fencing_agent": fencing.agent}
    there, key = fencing.libvirt, context.secrets.ssh_key("fencing-key", name).public
    domains = " ".join(domain(context, there, host) for host in members)
    line = f'restrict,command="/usr/local/sbin/mariadb-ha-fence {domains}" {key}'
    return {"fencing_agent": fencing.agent, "fencing_authorized_key": line}


def vip_role(
    context: Context,
    name: str,
    host: str,
    pair: VrrpSection,
    *,
    resource: str,
    port: int,
    peer: str | None,
    fencing: Fencing | None,
    step: str,
    witnesses: tuple[str, ...] = (),
) -> Role:
    """A pair's own VIP: keepalived, and the promoter whose word it tracks; arguments as of `promoter_files`."""
    vips = (str(pair.vip),)
    return Role(
        name="vip",
        packages=(*vrrp.PACKAGES, *fencing_packages(fencing)),
        files=(
            *vrrp.vrrp_files(context, name, host, pair, vips=vips, step=step, track_files=(vrrp.track(name),)),
            *promoter_files(
                context,
                name,
                host,
                resource=resource,
                vips=vips,
                port=port,
                peer=peer,
                fencing=fencing,
                witnesses=witnesses,
                step=step,
            ),
        ),
        units=(UNIT, vrrp.UNIT),
    )
