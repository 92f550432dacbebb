"""One server of a master-master pair: MariaDB with binary log and GTID, the peer's way through the firewall, and its
VIP where it has one.
"""

from __future__ import annotations

from plan.context import Context
from plan.model import File
from plan.parts import promotion, server, vrrp
from plan.parts.agent import AGENT_UNIT, agent_files, with_checks
from plan.parts.volume import volume_files
from plan.programs import program_files
from plan.render import env_file, render
from plan.role import Role
from settings.kinds.master_master.model import MasterMaster

#: The sets of files that `master-up` and `vip-up` deliver.
STEP, VIP_STEP = "master", "vip"


def other(context: Context, pair: MasterMaster, host: str) -> str | None:
    """The other server; None where it is declared lost."""
    return next((each for each in context.live(pair.servers()) if each != host), None)


def master_role(context: Context, name: str, host: str, pair: MasterMaster) -> Role:
    """The server's files. What MariaDB reads at its start is delivered by `master-up`, one server after the other."""
    peer = other(context, pair, host)
    ports = (pair.port, pair.agent_port, *((pair.promoter_port,) if pair.vip else ()))
    return Role(
        name="master",
        packages=(*server.PACKAGES, "python3-pymysql", "socat"),
        files=(
            *program_files("mariadb"),
            *program_files("replication"),
            *with_checks(program_files("master"), step=STEP),
            *agent_files(step=STEP, port=pair.agent_port, user=server.USER),
            *volume_files(context, host, server.VOLUME),
            server.server_cnf(pair, step=STEP),
            server.server_dropin(),
            *server.client_opening(context, name, pair),
            server.replication_cnf(
                "master/replication.cnf.j2",
                step=STEP,
                host=host,
                server_id=pair.members[host].server_id,
                gtid_domain_id=pair.gtid_domain_id,
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
                        "FIRST": "yes" if host == next(iter(context.live(pair.servers()))) else "no",
                    }
                ),
            ),
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
            server.start_unit(),
        ),
        units=(AGENT_UNIT, server.START_UNIT),
        volumes=(server.VOLUME,),
        needs=server.server_needs(name, pair, what="master", host=host, disk_mib=server.DATA_BASE_MIB),
    )


def vip_role(context: Context, name: str, host: str, pair: MasterMaster) -> Role:
    """The pair's own VIP: keepalived, and the promoter whose word it tracks."""
    vips = (str(pair.vip),)
    return Role(
        name="vip",
        packages=vrrp.PACKAGES,
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
                step=VIP_STEP,
            ),
        ),
        units=(promotion.UNIT, vrrp.UNIT),
    )
