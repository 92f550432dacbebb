"""A replica: MariaDB that follows the holder of a VIP and is read-only; and what the servers that it follows do for
it.
"""

from __future__ import annotations

from plan.context import Context
from plan.model import File
from plan.parts import clone, server
from plan.parts.agent import AGENT_UNIT, agent_files, with_checks
from plan.parts.volume import volume_files
from plan.programs import program_files
from plan.render import env_file, seconds
from plan.role import Role
from settings.kinds.replicas.model import Replicas
from settings.section import Source

#: The set of files that `replica-up` delivers.
STEP = "replica"


def drain_notice(context: Context, name: str) -> float:
    """Seconds until everybody who sends clients to the replicas has seen that one drains."""
    settings = context.settings
    return max((settings.components[front].drain_notice(settings.timers) for front in settings.fronts(name)), default=0)


def replica_role(context: Context, name: str, host: str, replicas: Replicas, source: Source) -> Role:
    """The replica's files. What MariaDB reads at its start is delivered by `replica-up`, one replica after the
    other.
    """
    siblings = tuple(each for each in context.live(replicas.servers()) if each != host)
    return Role(
        name="replica",
        packages=(*server.PACKAGES, "python3-pymysql"),
        files=(
            *program_files("mariadb"),
            *program_files("replication"),
            *program_files("clone"),
            *with_checks(program_files("replica"), step=STEP),
            *agent_files(step=STEP, port=replicas.agent_port, user=server.USER),
            *volume_files(context, host, server.VOLUME),
            server.server_cnf(context, name, host, replicas, step=STEP),
            server.server_dropin(replicas),
            *server.client_opening(context, name, replicas),
            *_siblings_opening(context, name, replicas, siblings),
            server.replication_cnf(
                "replica/replica.cnf.j2",
                step=STEP,
                host=host,
                server_id=replicas.members[host].server_id,
                gtid_domain_id=source.gtid_domain_id,
                binlog_expire_days=replicas.binlog_expire_days,
            ),
            File(
                path="/etc/mariadb-ha/replica.env",
                content=env_file(
                    {
                        "SOURCE": source.component,
                        "SOURCE_ADDRESS": source.vip,
                        "SOURCE_PORT": source.port,
                        "DONORS": " ".join(f"{each}={context.address(each)}" for each in context.live(source.members)),
                        "SIBLINGS": " ".join(f"{each}={context.address(each)}" for each in siblings),
                        "CLONE_PORT": replicas.clone_port,
                        "DATADIR": server.DATADIR,
                        "MAX_LAG": seconds(replicas.max_lag_s),
                        "DRAIN_TIMEOUT": seconds(replicas.drain_timeout),
                        "DRAIN_NOTICE": seconds(drain_notice(context, name)),
                    }
                ),
                on_change=(f"try-restart {AGENT_UNIT}",),
            ),
            server.start_unit(),
        ),
        units=(AGENT_UNIT, server.START_UNIT),
        volumes=(server.VOLUME,),
        needs=server.server_needs(context, name, replicas, what="replica", host=host, disk_mib=server.DATA_BASE_MIB),
    )


def _siblings_opening(context: Context, name: str, replicas: Replicas, siblings: tuple[str, ...]) -> tuple[File, ...]:
    """A full replica asks the others' health agents whether they have room."""
    if not siblings:
        return ()
    return (
        server.peers_opening(
            name,
            "siblings",
            what="the other replicas: this one's health agent",
            addresses=context.addresses(siblings),
            ports=(replicas.agent_port,),
        ),
    )


def followed_role(context: Context, name: str, replicas: Replicas, source: Source) -> Role:
    """What a server that is followed has for the replicas' sake: a way through its firewall, and copies of its data."""
    password = context.secrets.password("clone-password", name)
    return Role(
        name="followed",
        files=(
            *clone.giver_files(port=replicas.clone_port, password=password),
            server.peers_opening(
                name,
                "followers",
                what="replicas: replication, and copies of the data for new ones",
                addresses=context.addresses(context.live(replicas.servers())),
                ports=(source.port, replicas.clone_port),
            ),
        ),
        units=(clone.SOCKET,),
    )
