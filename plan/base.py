"""What every host has: names of all hosts, time in sync, a firewall that is shut, and the delivery programs."""

from __future__ import annotations

from plan.context import Context
from plan.model import File
from plan.parts.opening import admitted_from
from plan.programs import program_files
from plan.render import env_file, render
from plan.role import Role

#: The folder of the programs that deliver, repair and take away everything else.
HOST = "host"


def base_role(context: Context, host: str, roles: tuple[str, ...]) -> Role:
    """The host's own files; `roles` are the names of what lies beside them.

    Roles add drop-ins beside them (an nft file, a conf.d file, a unit).
    """
    network, ssh, sources = context.settings.network, context.settings.ssh, context.settings.packages.apt_sources
    mirror = File(
        path="/etc/apt/sources.list.d/mariadb-ha.list",
        content="".join(f"{line}\n" for line in sources),
        on_change=("packages",),
    )
    hosts = {name: context.address(name) for name in context.hosts} | {
        name: str(address) for name, address in network.extra_hosts.items()
    }
    return Role(
        name="base",
        packages=("chrony", "nftables", "python3", "sudo"),
        files=(
            *program_files(HOST),
            *((mirror,) if sources else ()),
            File(path="/etc/hosts", content=render("host/hosts.j2", host=host, hosts=hosts)),
            File(path="/etc/mariadb-ha/host.env", content=env_file({"HOST": host, "ROLES": " ".join(roles)})),
            File(
                path="/etc/nftables.conf",
                content=render(
                    "host/nftables.conf.j2",
                    admin_cidrs=ssh.admin_cidrs,
                    ssh_port=ssh.port,
                    openings=[
                        f"{source}{opening.proto} dport {opening.port} accept"
                        for opening in context.settings.firewall.openings
                        if opening.on(host)
                        for source in admitted_from(opening.cidrs)
                    ],
                ),
                mode="0755",
                check="nft",
                on_change=("reload-or-try-restart nftables",),
            ),
            File(
                path="/etc/chrony/sources.d/mariadb-ha.sources",
                content=render("host/chrony.sources.j2", servers=network.ntp),
                on_change=("try-restart chrony",),
            ),
        ),
        units=("nftables.service", "chrony.service"),
    )
