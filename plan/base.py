"""What every host has: names of all hosts, time in sync, a firewall that is shut, and the delivery programs."""

from __future__ import annotations

from plan.context import Context
from plan.model import File
from plan.render import LIB, env_file, program, render
from plan.role import Role

PROGRAMS = (
    "apply",
    "apply_checks.py",
    "apply_deliver.py",
    "apply_files.py",
    "data-disk",
    "drift",
    "facts_common.py",
    "host-facts",
    "host_addresses.py",
    "host_did.py",
    "mha_common.py",
    "provision",
    "ready",
    "withdraw",
    "withdraw_data.py",
    "withdraw_files.py",
    "withdraw_packages.py",
)


def program_file(name: str, *, on_change: tuple[str, ...] = ()) -> File:
    """A static program, or a module of one, as a file of a host."""
    return File(path=f"{LIB}/{name}", content=program(name), mode="0644" if name.endswith(".py") else "0755", on_change=on_change)


def base_programs() -> tuple[File, ...]:
    """The programs that deliver, repair and take away everything else."""
    return tuple(program_file(name) for name in PROGRAMS)


def base_role(context: Context, host: str) -> Role:
    """The host's own files. Roles add drop-ins beside them (an nft file, a conf.d file, a unit)."""
    network, ssh, sources = context.settings.network, context.settings.ssh, context.settings.packages.apt_sources
    mirror = File(path="/etc/apt/sources.list.d/mariadb-ha.list", content="".join(f"{line}\n" for line in sources), on_change=("packages",))
    hosts = {name: context.address(name) for name in context.hosts} | {name: str(address) for name, address in network.extra_hosts.items()}
    return Role(
        name="base",
        packages=("chrony", "nftables", "python3", "sudo"),
        files=(
            *base_programs(),
            *((mirror,) if sources else ()),
            File(path="/etc/hosts", content=render("hosts.j2", host=host, hosts=hosts)),
            File(path="/etc/mariadb-ha/host.env", content=env_file({"HOST": host, "ROLES": " ".join(context.roles(host))})),
            File(
                path="/etc/nftables.conf",
                content=render("nftables.conf.j2", admin_cidrs=ssh.admin_cidrs, ssh_port=ssh.port),
                mode="0755",
                check="nft",
                on_change=("reload-or-try-restart nftables",),
            ),
            File(
                path="/etc/chrony/sources.d/mariadb-ha.sources",
                content=render("chrony.sources.j2", servers=network.ntp),
                on_change=("try-restart chrony",),
            ),
        ),
        units=("nftables.service", "chrony.service"),
    )
