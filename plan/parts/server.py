"""A MariaDB server: its own settings, its unit's additions, its clients' way through the firewall.

Replication is its role's business.
"""

from __future__ import annotations

from plan.context import Context
from plan.model import File
from plan.needs import Needs
from plan.parts.opening import admitted_from
from plan.parts.packages import left_alone
from plan.parts.volume import data_volume
from plan.programs import program_path
from plan.render import env_file, render
from settings.parts.server import BASE_MIB, DEBIAN_FILES, ServerSection
from settings.parts.server_options import option_lines
from settings.parts.sizes import LEAST_REDO, buffer_pool_mib, redo_log_mib, server_memory_mib

DATADIR = "/var/lib/mysql"
#: The Unix account of MariaDB, which may ask it through its socket.
USER = "mysql"
UNIT = "mariadb.service"
SERVER_CNF = "/etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf"
REPLICATION_CNF = "/etc/mysql/mariadb.conf.d/71-mariadb-ha-replication.cnf"
START_UNIT = "mariadb-ha-server-start.service"
PACKAGES = ("mariadb-server", "mariadb-client", "mariadb-backup")
VOLUME = data_volume(DATADIR)
#: MiB beside what replication keeps for a new database, the smallest redo log among them.
DATA_BASE_MIB = 1024


def server_cnf(context: Context, name: str, host: str, server: ServerSection, *, step: str) -> File:
    """The server's variables on a host. `step`: the set in which they are delivered."""
    return File(
        path=SERVER_CNF,
        content=render(
            "mariadb/server.cnf.j2",
            server=server,
            datadir=DATADIR,
            pool_mib=buffer_pool_mib(context.settings, name, server, host),
            redo_mib=redo_log_mib(context.settings, name, server),
            usual_redo_mib=LEAST_REDO,
            options=option_lines(server.server_options),
        ),
        check="mariadbd",
        step=step,
    )


def server_dropin(server: ServerSection) -> File:
    """What `mariadb.service` needs beside Debian's."""
    return File(
        path="/etc/systemd/system/mariadb.service.d/mariadb-ha.conf",
        content=render(
            "mariadb/mariadb.dropin.j2",
            datadir=DATADIR,
            data_room=program_path("data-room"),
            open_files=server.open_files,
            usual_files=DEBIAN_FILES,
        ),
        on_change=("daemon-reload",),
    )


def package_files(start_unit: str) -> tuple[File, ...]:
    """What keeps the server up through an upgrade of its packages. `start_unit`: the one that starts it at boot."""
    return (
        left_alone("mariadb", ("mariadb-", "libmariadb", "galera-")),
        File(path="/etc/mariadb-ha/packages.env", content=env_file({"START_UNIT": start_unit})),
        File(
            path="/etc/dpkg/dpkg.cfg.d/mariadb-ha",
            content=render("mariadb/dpkg.cfg.j2", program=program_path("around-packages")),
        ),
    )


def replication_cnf(
    template: str,
    *,
    step: str,
    host: str,
    server_id: int,
    gtid_domain_id: int,
    binlog_expire_days: float,
    one_domain: bool = True,
    **more: object,
) -> File:
    """The variables of a server that keeps a binary log and follows another one.

    `one_domain`: all servers write in one GTID domain. `more`: what the template asks for beside the common ones
    (`mariadb/replication.cnf.j2`).
    """
    content = render(
        template,
        host=host,
        server_id=server_id,
        gtid_domain_id=gtid_domain_id,
        binlog_expire_seconds=int(binlog_expire_days * 86400),
        one_domain=one_domain,
        **more,
    )
    return File(path=REPLICATION_CNF, content=content, check="mariadbd", step=step)


def start_unit() -> File:
    """The unit that starts the server at boot, where it has data."""
    return File(
        path=f"/etc/systemd/system/{START_UNIT}",
        content=render("mariadb/server-start.service.j2", datadir=DATADIR),
        on_change=("daemon-reload",),
    )


def peers_opening(name: str, purpose: str, *, what: str, addresses: tuple[str, ...], ports: tuple[int, ...]) -> File:
    """The firewall's opening for other hosts of the stack. `name`: the component for whose sake; `what`: for the
    file's reader.
    """
    return File(
        path=f"/etc/nftables.d/input-{name}-{purpose}.nft",
        content=render("mariadb/peers.nft.j2", what=what, addresses=addresses, ports=ports),
        check="nft",
        on_change=("reload-or-try-restart nftables",),
    )


def client_opening(context: Context, name: str, server: ServerSection) -> tuple[File, ...]:
    """The firewall's opening for clients, where no component stands before this one: that one's role opens it then."""
    if context.settings.fronts(name):
        return ()
    return (
        File(
            path=f"/etc/nftables.d/input-{name}-clients.nft",
            content=render("mariadb/clients.nft.j2", port=server.port, clients=admitted_from(server.client_cidrs)),
            check="nft",
            on_change=("reload-or-try-restart nftables",),
        ),
    )


def server_needs(context: Context, name: str, server: ServerSection, *, what: str, host: str, disk_mib: int) -> Needs:
    """What the server needs of a host. `disk_mib`: what replication keeps on the data volume."""
    settings = context.settings
    redo = redo_log_mib(settings, name, server) - LEAST_REDO
    return Needs(
        what=what,
        memory_mib=server_memory_mib(settings, name, server, host),
        memory_for=(
            f"a buffer pool of {buffer_pool_mib(settings, name, server, host)} MiB, {server.max_connections} "
            f"connections and {BASE_MIB} MiB for the system"
        ),
        memory_keys=(f"{name}.innodb_buffer_pool_size_mib", f"{name}.max_connections"),
        disk_mib={DATADIR: disk_mib + redo + DATA_BASE_MIB},
        ports=server.ports(name)[host],
        datadir=DATADIR,
    )
