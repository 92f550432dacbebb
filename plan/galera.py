"""The Galera node: server and wsrep settings, the health agent, the safe start at boot, the firewall's openings."""

from __future__ import annotations

import math
from dataclasses import replace

from plan.base import program_file
from plan.context import Context
from plan.model import File
from plan.promises import AGENT_DELAY
from plan.render import env_file, render, seconds
from plan.role import Role
from settings.galera import Galera
from settings.timers import Values

SST_USER = "mariadb_ha_sst"
DATADIR = "/var/lib/mysql"
SERVER_CNF = "/etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf"
WSREP_CNF = "/etc/mysql/mariadb.conf.d/71-mariadb-ha-wsrep.cnf"
SST_CNF = "/etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf"
MEMBERS_CNF = "/etc/mysql/mariadb.conf.d/73-mariadb-ha-members.cnf"
AGENT_UNIT = "mariadb-ha-agent.service"
START_UNIT = "mariadb-ha-galera-start.service"
#: The step that delivers these files (galera-roll).
STEP = "galera"
NODE_PROGRAMS = (
    "account_sql.py",
    "facts_galera.py",
    "galera_cluster.py",
    "galera_decide.py",
    "galera_drain.py",
    "galera_flag.py",
    "galera_node.py",
    "galera_roll.py",
    "galera_roll_work.py",
    "galera_start.py",
    "galera_state.py",
    "mha_sql.py",
    "galera-start",
    "galera-bootstrap",
    "galera-join",
    "galera-roll",
    "galera-settle",
    "galera-wake",
    "galera-accounts",
)


def _duration(value: float) -> str:
    return f"PT{seconds(value)}S"


def provider_options(galera: Galera, timers: Values) -> str:
    """The one `wsrep_provider_options` line (a second one would replace it; galeracluster.com, Galera parameters)."""
    options = {
        "gcache.size": f"{galera.gcache_size_mib}M",
        "gcache.recover": "yes",
        "pc.recovery": "true",
        "evs.keepalive_period": _duration(timers.keepalive_period),
        "evs.suspect_timeout": _duration(timers.suspect_timeout),
        "evs.inactive_check_period": _duration(timers.inactive_check_period),
        "evs.inactive_timeout": _duration(timers.inactive_timeout),
        "evs.install_timeout": _duration(timers.install_timeout),
        "evs.join_retrans_period": _duration(timers.join_retrans_period),
        "gcs.fc_single_primary": "yes" if galera.routing == "single-writer" else "no",
    }
    return "; ".join(f"{key}={value}" for key, value in options.items())


def drain_notice(context: Context) -> int:
    """Seconds until every director has seen that a node is draining, or that it is back: an answer's age, two rounds of checks, 1 s to run one."""
    return math.ceil(AGENT_DELAY + 2 * context.settings.timers.values().delay_loop + 1) if context.directors else 0


def data_disk(context: Context, host: str) -> tuple[File, ...]:
    """Where a VM's data volume is. Bare metal has its data where its owner mounted it."""
    if host not in context.vms:
        return ()
    adopt = "yes" if context.settings.hypervisor.adopt_retained_volumes else "no"
    content = env_file({"DEVICE": "/dev/vdb", "MOUNT": DATADIR, "LABEL": "mha-data", "ADOPT": adopt})
    return (File(path="/etc/mariadb-ha/data-disk.env", content=content),)


def galera_role(context: Context, host: str) -> Role:
    """A node's files. What MariaDB and the agent read at their start is rolled: `galera-roll` delivers it, one node after the other."""
    galera = context.settings.galera
    if galera is None:
        raise ValueError("the stack has no Galera cluster")
    nodes = context.galera_nodes
    address = context.address(host)
    donor = f"{context.reference_node}," if context.reference_node and context.reference_node != host else ""
    return Role(
        name="galera",
        packages=("mariadb-server", "mariadb-client", "mariadb-backup", "galera-4", "socat", "rsync", "python3-pymysql"),
        files=(
            *(program_file(name) for name in NODE_PROGRAMS),
            *data_disk(context, host),
            File(
                path="/etc/mariadb-ha/roll.env",
                content=env_file({"DRAIN_TIMEOUT": seconds(galera.drain_timeout), "DRAIN_NOTICE": drain_notice(context)}),
            ),
            *(replace(program_file(name, on_change=(f"restart {AGENT_UNIT}",)), step=STEP) for name in ("health-agent", "health_check.py")),
            File(
                path="/etc/mariadb-ha/galera.env",
                content=env_file(
                    {
                        "NODE": host,
                        "NODES": " ".join(f"{name}={context.address(name)}" for name in nodes),
                        "REFERENCE": context.reference_node or "",
                        "AGENT_PORT": galera.agent_port,
                        "PORT": galera.port,
                        "DATADIR": DATADIR,
                    }
                ),
                on_change=(f"restart {AGENT_UNIT}",),
                step=STEP,
            ),
            File(path=SERVER_CNF, content=render("server.cnf.j2", galera=galera, datadir=DATADIR), check="mariadbd", step=STEP),
            File(
                path=WSREP_CNF,
                content=render(
                    "wsrep.cnf.j2",
                    galera=galera,
                    host=host,
                    address=address,
                    provider_options=provider_options(galera, context.settings.timers.values()),
                ),
                check="mariadbd",
                step=STEP,
            ),
            File(path=MEMBERS_CNF, content=render("members.cnf.j2", addresses=context.addresses(nodes), donor=donor), check="mariadbd", step=STEP),
            File(
                path=SST_CNF,
                content=render("sst.cnf.j2", user=SST_USER, password=context.secrets.password("sst-password")),
                mode="0640",
                group="mysql",
                secret=True,
                check="mariadbd",
            ),
            File(
                path="/etc/nftables.d/input-galera.nft",
                content=render(
                    "galera.nft.j2",
                    peers=context.addresses(tuple(name for name in nodes if name != host)),
                    checkers=context.addresses(context.directors),
                    galera=galera,
                ),
                check="nft",
                on_change=("reload-or-try-restart nftables",),
            ),
            File(
                path="/etc/systemd/system/mariadb.service.d/mariadb-ha.conf",
                content=render("mariadb.dropin.j2", datadir=DATADIR),
                on_change=("daemon-reload",),
            ),
            File(path=f"/etc/systemd/system/{AGENT_UNIT}", content=render("agent.service.j2"), on_change=("daemon-reload", f"try-restart {AGENT_UNIT}")),
            File(path=f"/etc/systemd/system/{START_UNIT}", content=render("galera-start.service.j2", datadir=DATADIR), on_change=("daemon-reload",)),
        ),
        units=(AGENT_UNIT, START_UNIT),
    )
