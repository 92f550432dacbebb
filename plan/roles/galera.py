"""The Galera node: a MariaDB server with wsrep, the health agent, the safe start at boot, the peers' way through the
firewall.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from plan.context import Context
from plan.model import File
from plan.parts import server
from plan.parts.agent import AGENT_UNIT, agent_files, with_checks
from plan.parts.volume import volume_files
from plan.programs import program_files
from plan.render import env_file, render, seconds
from plan.role import Role
from settings.kinds.galera.model import Galera
from settings.kinds.galera.timers import EvsValues
from settings.parts.sizes import gcache_mib

SST_USER = "mariadb_ha_sst"
WSREP_CNF = "/etc/mysql/mariadb.conf.d/71-mariadb-ha-wsrep.cnf"
SST_CNF = "/etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf"
MEMBERS_CNF = "/etc/mysql/mariadb.conf.d/73-mariadb-ha-members.cnf"
START_UNIT = "mariadb-ha-galera-start.service"
#: The set of files that `galera-roll` delivers.
STEP = "galera"


def _duration(value: float) -> str:
    return f"PT{seconds(value)}S"


def _provider_value(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def provider_options(galera: Galera, timers: EvsValues, *, gcache_mib: int) -> str:
    """The one `wsrep_provider_options` line (a second one would replace it; galeracluster.com, Galera parameters)."""
    options = {
        "gcache.size": f"{gcache_mib}M",
        "gcache.recover": "yes",
        **group_options(timers),
        "gcs.fc_single_primary": "yes" if galera.routing == "single-writer" else "no",
        **{key: _provider_value(value) for key, value in sorted(galera.wsrep_provider_options.items())},
    }
    return as_options(options)


def group_options(timers: EvsValues) -> dict[str, str]:
    """The provider options in which all members agree, the arbitrator too: how they notice that one is silent."""
    return {
        "pc.recovery": "true",
        "evs.keepalive_period": _duration(timers.keepalive_period),
        "evs.suspect_timeout": _duration(timers.suspect_timeout),
        "evs.inactive_check_period": _duration(timers.inactive_check_period),
        "evs.inactive_timeout": _duration(timers.inactive_timeout),
        "evs.install_timeout": _duration(timers.install_timeout),
        "evs.join_retrans_period": _duration(timers.join_retrans_period),
    }


def as_options(options: Mapping[str, str]) -> str:
    """As Galera reads them."""
    return "; ".join(f"{key}={value}" for key, value in options.items())


def eviction(timers: EvsValues) -> float:
    """Seconds for which Galera stalls all writes after a node fell silent."""
    return timers.suspect_timeout + timers.inactive_check_period + timers.join_retrans_period


def reference(context: Context, galera: Galera) -> str | None:
    """The member that serves no clients; None where there is none, or it is lost: then the next member does what it
    did.
    """
    return galera.reference_node if galera.reference_node in context.hosts else None


def arbitrator(context: Context, galera: Galera) -> str | None:
    """The host that votes and holds no data; None where there is none, or it is lost."""
    return galera.arbitrator if galera.arbitrator in context.hosts else None


def drain_notice(context: Context, name: str) -> int:
    """Seconds until everybody who forwards clients to this cluster has seen that a node is draining, or that it is
    back.
    """
    settings = context.settings
    return math.ceil(
        max((settings.components[front].drain_notice(settings.timers) for front in settings.fronts(name)), default=0)
    )


def galera_role(context: Context, name: str, host: str, galera: Galera) -> Role:
    """A node's files.

    What MariaDB and the agent read at their start is rolled: `galera-roll` delivers it, one node after the other.
    """
    nodes = context.live(galera.in_order())
    first, voter = reference(context, galera), arbitrator(context, galera)
    donor = f"{first}," if first and first != host else ""
    serves = host != first
    return Role(
        name="galera",
        packages=(*server.PACKAGES, "galera-4", "socat", "rsync", "python3-pymysql"),
        files=(
            *with_checks(program_files("galera"), step=STEP),
            *program_files("mariadb"),
            *volume_files(context, host, server.VOLUME),
            server.server_cnf(context, name, host, galera, step=STEP),
            server.server_dropin(galera),
            *server.package_files(START_UNIT),
            *(server.client_opening(context, name, galera) if serves else ()),
            *agent_files(
                step=STEP,
                port=galera.agent_port,
                user=server.USER,
                late_hold=context.settings.timers.checks.late_hold,
            ),
            *_cluster_files(context, name, host, galera, nodes),
            File(
                path=MEMBERS_CNF,
                content=render(
                    "galera/members.cnf.j2",
                    addresses=context.addresses((*nodes, *((voter,) if voter else ()))),
                    donor=donor,
                ),
                check="mariadbd",
                step=STEP,
            ),
        ),
        units=(AGENT_UNIT, START_UNIT),
        volumes=(server.VOLUME,),
        needs=server.server_needs(
            context,
            name,
            galera,
            what="Galera node",
            host=host,
            disk_mib=2 * gcache_mib(context.settings, galera.gcache_size_mib, host),
        ),
    )


def _cluster_files(context: Context, name: str, host: str, galera: Galera, nodes: tuple[str, ...]) -> tuple[File, ...]:
    """What makes a member of a server."""
    voter = arbitrator(context, galera)
    return (
        File(
            path="/etc/mariadb-ha/roll.env",
            content=env_file(
                {"DRAIN_TIMEOUT": seconds(galera.drain_timeout), "DRAIN_NOTICE": drain_notice(context, name)}
            ),
        ),
        File(
            path="/etc/mariadb-ha/galera.env",
            content=env_file(
                {
                    "NODE": host,
                    "NODES": " ".join(f"{node}={context.address(node)}" for node in nodes),
                    "REFERENCE": reference(context, galera) or "",
                    "AGENT_PORT": galera.agent_port,
                    "PORT": galera.port,
                    "DATADIR": server.DATADIR,
                    **({"ARBITRATOR": f"{voter}={context.address(voter)}"} if voter else {}),
                }
            ),
            on_change=(f"restart {AGENT_UNIT}",),
            step=STEP,
        ),
        File(path="/etc/mariadb-ha/discard.env", content=env_file({"HOSTS": " ".join(galera.discard_data_of)})),
        File(
            path=WSREP_CNF,
            content=render(
                "galera/wsrep.cnf.j2",
                galera=galera,
                host=host,
                address=context.address(host),
                provider_options=provider_options(
                    galera,
                    context.settings.timers.evs,
                    gcache_mib=gcache_mib(context.settings, galera.gcache_size_mib, host),
                ),
            ),
            check="mariadbd",
            step=STEP,
        ),
        File(
            path=SST_CNF,
            content=render("galera/sst.cnf.j2", user=SST_USER, password=context.secrets.password("sst-password", name)),
            mode="0640",
            group="mysql",
            secret=True,
            check="mariadbd",
        ),
        File(
            path=f"/etc/nftables.d/input-{name}.nft",
            content=render(
                "galera/galera.nft.j2",
                peers=context.addresses(tuple(node for node in nodes if node != host)),
                arbitrator=context.address(voter) if voter else "",
                galera=galera,
            ),
            check="nft",
            on_change=("reload-or-try-restart nftables",),
        ),
        File(
            path="/etc/systemd/system/mariadb.service.d/mariadb-ha-galera.conf",
            content=render("galera/mariadb-galera.dropin.j2"),
            on_change=("daemon-reload",),
        ),
        File(
            path=f"/etc/systemd/system/{START_UNIT}",
            content=render("galera/galera-start.service.j2", datadir=server.DATADIR),
            on_change=("daemon-reload",),
        ),
    )
