"""The Galera node: server and wsrep settings, the health agent, the safe start at boot, the firewall's openings."""

from __future__ import annotations

from plan.base import program_file
from plan.context import Context
from plan.model import File
from plan.render import env_file, render, seconds
from plan.role import Role
from settings.galera import Galera
from settings.timers import Values

SST_USER = "mariadb_ha_sst"
DATADIR = "/var/lib/mysql"
SERVER_CNF = "/etc/mysql/mariadb.conf.d/70-mariadb-ha.cnf"
WSREP_CNF = "/etc/mysql/mariadb.conf.d/71-mariadb-ha-wsrep.cnf"
SST_CNF = "/etc/mysql/mariadb.conf.d/72-mariadb-ha-sst.cnf"
AGENT_UNIT = "mariadb-ha-agent.service"
START_UNIT = "mariadb-ha-galera-start.service"
NODE_PROGRAMS = (
    "account_sql.py",
    "galera_decide.py",
    "galera_node.py",
    "galera_start.py",
    "galera_state.py",
    "mha_sql.py",
    "galera-start",
    "galera-bootstrap",
    "galera-join",
    "galera-settle",
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


def galera_role(context: Context, host: str) -> Role:
    """A node's files. Changes of my.cnf files do not restart the server: a restart is an ordered step, one node at a time."""
    galera = context.settings.galera
    if galera is None:
        raise ValueError("the stack has no Galera cluster")
    nodes = context.galera_nodes
    data = context.settings.hypervisor
    address = context.address(host)
    donor = f"{galera.reference_node}," if galera.reference_node and galera.reference_node != host else ""
    return Role(
        name="galera",
        packages=("mariadb-server", "mariadb-client", "mariadb-backup", "galera-4", "socat", "rsync", "python3-pymysql"),
        files=(
            *(program_file(name) for name in NODE_PROGRAMS),
            *(program_file(name, on_change=(f"try-restart {AGENT_UNIT}",)) for name in ("health-agent", "health_check.py")),
            File(
                path="/etc/mariadb-ha/data-disk.env",
                content=env_file(
                    {"DEVICE": "/dev/vdb", "MOUNT": DATADIR, "LABEL": "mha-data", "ADOPT": "yes" if data.adopt_retained_volumes else "no"}
                ),
            ),
            File(
                path="/etc/mariadb-ha/galera.env",
                content=env_file(
                    {
                        "NODE": host,
                        "NODES": " ".join(f"{name}={context.address(name)}" for name in nodes),
                        "REFERENCE": galera.reference_node or "",
                        "AGENT_PORT": galera.agent_port,
                        "PORT": galera.port,
                        "DATADIR": DATADIR,
                    }
                ),
                on_change=(f"try-restart {AGENT_UNIT}",),
            ),
            File(path=SERVER_CNF, content=render("server.cnf.j2", galera=galera, datadir=DATADIR), check="mariadbd"),
            File(
                path=WSREP_CNF,
                content=render(
                    "wsrep.cnf.j2",
                    galera=galera,
                    host=host,
                    address=address,
                    addresses=context.addresses(nodes),
                    donor=donor,
                    provider_options=provider_options(galera, context.settings.timers.values()),
                ),
                check="mariadbd",
            ),
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
