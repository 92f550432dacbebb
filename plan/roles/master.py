"""One server of a master-master pair: MariaDB with binary log and GTID, the peer's way through the firewall, and its
VIP where it has one.
"""

from __future__ import annotations

import json
from dataclasses import replace

from plan.context import Context
from plan.model import File
from plan.parts import promotion, server, vrrp
from plan.parts.agent import AGENT_UNIT, agent_files, with_checks
from plan.parts.volume import volume_files
from plan.programs import program_files
from plan.render import env_file, render
from plan.role import Role
from settings.kinds.master_master.model import MasterMaster

REPLICATION_CNF = "/etc/mysql/mariadb.conf.d/71-mariadb-ha-replication.cnf"
START_UNIT = "mariadb-ha-server-start.service"
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
    needs = server.server_needs(name, pair, what="master", host=host, disk_mib=server.DATA_BASE_MIB)
    return Role(
        name="master",
        packages=(*server.PACKAGES, "python3-pymysql", "socat"),
        files=(
            *program_files("mariadb"),
            *with_checks(
                program_files("master", on_change=dict.fromkeys(RESOURCE, promotion.RESTART) if pair.vip else {}),
                step=STEP,
            ),
            *agent_files(step=STEP, port=pair.agent_port, user=server.USER),
            *volume_files(context, host, server.VOLUME),
            server.server_cnf(pair, step=STEP),
            server.server_dropin(),
            *server.client_opening(context, name, pair),
            File(
                path=REPLICATION_CNF,
                content=render(
                    "master/replication.cnf.j2",
                    pair=pair,
                    host=host,
                    server_id=pair.members[host].server_id,
                    offset=pair.members[host].auto_increment_offset,
                ),
                check="mariadbd",
                step=STEP,
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
                        "FIRST": "yes" if host == data_first(context, pair)[0] else "no",
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
            File(
                path=f"/etc/systemd/system/{START_UNIT}",
                content=render("mariadb/server-start.service.j2", datadir=server.DATADIR),
                on_change=("daemon-reload",),
            ),
        ),
        units=(AGENT_UNIT, START_UNIT, DONOR_SOCKET),
        volumes=(server.VOLUME,),
        needs=replace(needs, begins_with_data=pair.data_from == host),
    )


def vip_role(context: Context, name: str, host: str, pair: MasterMaster) -> Role:
    """The pair's own VIP: keepalived, and the promoter whose word it tracks."""
    vips = (str(pair.vip),)
    return Role(
        name="vip",
        packages=(*vrrp.PACKAGES, *promotion.fencing_packages(pair.fencing)),
        files=(
            *vrrp.vrrp_files(context, name, host, pair, vips=vips, step=VIP_STEP, track_files=(promotion.track(name),)),
            *promotion.promoter_files(
                context,
                name,
                host,
                resource="replication",
                vips=vips,
                port=pair.promoter_port,
                peer=other(context, pair, host),
                fencing=pair.fencing,
                witnesses=promotion.witness_addresses(context, pair.witnesses),
                step=VIP_STEP,
            ),
        ),
        units=(promotion.UNIT, vrrp.UNIT),
    )
