"""One server of a master-master pair: MariaDB with binary log and GTID, the peer's way through the firewall, and its
VIP where it has one.
"""

from __future__ import annotations

import json
from dataclasses import replace

from plan.context import Context
from plan.model import File
from plan.parts import promotion, server
from plan.parts.agent import AGENT_UNIT, agent_files, with_checks
from plan.parts.volume import volume_files
from plan.programs import program_files
from plan.render import env_file, render, seconds
from plan.role import Role
from settings.kinds.master_master.model import MasterMaster
from settings.rules.forwarding import preferred

#: Behind directors: it makes the server writable, and what it has read.
WATCH_UNIT = "mariadb-ha-master-watch.service"
WATCH = ("master-watch", "master_open.py", "master_peer.py", "master_sql.py")
WATCH_RESTART = (f"try-restart {WATCH_UNIT}",)
#: The sets of files that `master-up` and `vip-up` deliver.
STEP, VIP_STEP = "master", "vip"
REPLICATION_USER = "mariadb_ha_repl"
#: The replication account, for a server that is made a replica again without `up`.
ACCOUNT = "/etc/mariadb-ha/replication.json"
#: What the running promoter has read of this role.
RESOURCE = ("gtid.py", "master_sql.py", "resource_replication.py", "surplus.py")
DONOR_SOCKET = "mariadb-ha-donor.socket"


def other(context: Context, pair: MasterMaster, host: str) -> str | None:
    """The other server; None where it is declared lost."""
    return next((each for each in context.live(pair.servers()) if each != host), None)


def one_writer(pair: MasterMaster) -> bool:
    """Whether one of the two takes writes at a time."""
    return pair.holds_vip or pair.routing == "single-writer"


def first(context: Context, name: str, pair: MasterMaster) -> str:
    """The server whose data the pair begins with, else the preferred writer: whom directors prefer, else the first
    that lives.
    """
    if pair.data_from:
        return data_first(context, pair)[0]
    return preferred(context.settings, name) or context.live(pair.servers())[0]


def data_first(context: Context, pair: MasterMaster) -> tuple[str, ...]:
    """The servers that live; the one whose data the pair begins with comes first, else the preferred writer."""
    hosts = context.live(pair.servers())
    return tuple(sorted(hosts, key=lambda host: host != pair.data_from)) if pair.data_from else hosts


def account(context: Context, name: str) -> str:
    """The replication account (JSON, secret)."""
    password = context.secrets.password("replication-password", name)
    return json.dumps({"user": REPLICATION_USER, "password": password})


def _clone_files(context: Context, name: str, pair: MasterMaster) -> tuple[File, ...]:
    """What a copy of the other server needs, on both sides."""
    donor, saves = "mariadb-ha-donor@.service", "mariadb-ha-surplus.service"
    return (
        File(path=ACCOUNT, content=account(context, name) + "\n", mode="0600", secret=True),
        File(
            path=f"/etc/systemd/system/{DONOR_SOCKET}",
            content=render("master/donor.socket.j2", port=pair.clone_port),
            on_change=("daemon-reload", f"try-restart {DONOR_SOCKET}"),
        ),
        File(
            path=f"/etc/systemd/system/{donor}",
            content=render("master/donor.service.j2"),
            on_change=("daemon-reload",),
        ),
        File(
            path=f"/etc/systemd/system/{saves}",
            content=render("master/surplus.service.j2"),
            on_change=("daemon-reload",),
        ),
        File(
            path="/etc/systemd/system/mariadb.service.d/mariadb-ha-clone.conf",
            content=render("master/clone.dropin.j2"),
            on_change=("daemon-reload",),
        ),
    )


def master_role(context: Context, name: str, host: str, pair: MasterMaster) -> Role:
    """The server's files. What MariaDB reads at its start is delivered by `master-up`, one server after the other."""
    peer = other(context, pair, host)
    ports = (pair.port, pair.agent_port, pair.clone_port, *((pair.promoter_port,) if pair.vip else ()))
    again = dict.fromkeys(RESOURCE, promotion.RESTART) if pair.vip else dict.fromkeys(WATCH, WATCH_RESTART)
    needs = server.server_needs(context, name, pair, what="master", host=host, disk_mib=server.DATA_BASE_MIB)
    return Role(
        name="master",
        packages=(*server.PACKAGES, "python3-pymysql", "socat"),
        files=(
            *program_files("mariadb"),
            *program_files("replication", on_change=again),
            *with_checks(program_files("master", on_change=again), step=STEP),
            *agent_files(
                step=STEP,
                port=pair.agent_port,
                user=server.USER,
                late_hold=context.settings.timers.checks.late_hold,
            ),
            *volume_files(context, host, server.VOLUME),
            server.server_cnf(context, name, host, pair, step=STEP),
            server.server_dropin(pair),
            *server.package_files(server.START_UNIT),
            *server.client_opening(context, name, pair),
            server.replication_cnf(
                "master/replication.cnf.j2",
                step=STEP,
                host=host,
                server_id=pair.members[host].server_id,
                gtid_domain_id=pair.gtid_domain_id + (0 if one_writer(pair) else pair.servers().index(host)),
                one_domain=one_writer(pair),
                binlog_expire_days=pair.binlog_expire_days,
                pair=pair,
                offset=pair.members[host].auto_increment_offset,
            ),
            File(
                path="/etc/mariadb-ha/master.env",
                content=env_file(
                    {
                        "HOST": host,
                        "ADDRESS": context.address(host),
                        "PEER": peer or "",
                        "PEER_ADDRESS": context.address(peer) if peer else "",
                        "PORT": pair.port,
                        "DATADIR": server.DATADIR,
                        "OWN_VIP": "yes" if pair.vip else "no",
                        "ONE_WRITER": "yes" if one_writer(pair) else "no",
                        "PEER_TIMEOUT": seconds(context.settings.timers.promotion.peer_timeout),
                        "FIRST": "yes" if host == first(context, name, pair) else "no",
                        "CLONE_PORT": pair.clone_port,
                        "DATA_FROM": pair.data_from or "",
                    }
                ),
            ),
            *_clone_files(context, name, pair),
            File(
                path=f"/etc/nftables.d/input-{name}.nft",
                content=render(
                    "master/peer.nft.j2",
                    peer=context.address(peer) if peer else "",
                    ports=ports,
                    promoter_port=pair.promoter_port if pair.vip else 0,
                ),
                check="nft",
                on_change=("reload-or-try-restart nftables",),
            ),
            *(
                ()
                if pair.holds_vip
                else (
                    File(
                        path=f"/etc/systemd/system/{WATCH_UNIT}",
                        content=render("master/master-watch.service.j2"),
                        on_change=("daemon-reload", *WATCH_RESTART),
                    ),
                )
            ),
            server.start_unit(),
        ),
        units=(AGENT_UNIT, server.START_UNIT, *(() if pair.holds_vip else (WATCH_UNIT,)), DONOR_SOCKET),
        volumes=(server.VOLUME,),
        needs=replace(needs, begins_with_data=pair.data_from == host),
    )


def vip_role(context: Context, name: str, host: str, pair: MasterMaster) -> Role:
    """The pair's own VIP: keepalived, and the promoter whose word it tracks."""
    return promotion.vip_role(
        context,
        name,
        host,
        pair,
        resource="replication",
        port=pair.promoter_port,
        peer=other(context, pair, host),
        fencing=pair.fencing,
        witnesses=promotion.witness_addresses(context, pair.witnesses),
        step=VIP_STEP,
    )
