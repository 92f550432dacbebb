"""The Galera arbitrator (galeracluster.com, Galera Arbitrator): garbd votes with the nodes and holds no data."""

from __future__ import annotations

from plan.context import Context
from plan.model import File
from plan.needs import Needs
from plan.programs import program_files
from plan.render import LIB, env_file, render
from plan.role import Role
from plan.roles.galera import as_options, group_options
from settings.kinds.galera.model import Galera

UNIT = "mariadb-ha-arbitrator.service"
#: The set of files that `arbitrator-up` delivers.
STEP = "arbitrator"
#: Where garbd remembers its last view.
STATE = "/var/lib/mariadb-ha/arbitrator"
#: Sees that it is no Primary component of its own (arbitrator-alone.sh).
ALONE = "mariadb-ha-arbitrator-alone"


def arbitrator_role(context: Context, name: str, host: str, galera: Galera) -> Role:
    """garbd's configuration, a unit of its own, and the nodes' way through the firewall."""
    nodes = context.live(galera.in_order())
    return Role(
        name="arbitrator",
        packages=("galera-arbitrator-4",),
        files=(
            *program_files("arbitrator"),
            *(file for file in program_files("agent") if file.path == f"{LIB}/agent_http.py"),
            File(
                path="/etc/mariadb-ha/garbd.cnf",
                content=render(
                    "arbitrator/garbd.cnf.j2",
                    galera=galera,
                    host=host,
                    state=STATE,
                    addresses=context.addresses(nodes),
                    options=as_options(group_options(context.settings.timers.evs)),
                ),
                step=STEP,
            ),
            File(
                path="/etc/mariadb-ha/arbitrator.env",
                content=env_file(
                    {
                        "NODES": " ".join(f"{node}={context.address(node)}" for node in nodes),
                        "AGENT_PORT": galera.agent_port,
                    }
                ),
            ),
            File(
                path=f"/etc/systemd/system/{UNIT}",
                content=render("arbitrator/arbitrator.service.j2", state=STATE, alone=ALONE),
                on_change=("daemon-reload",),
            ),
            *(
                File(
                    path=f"/etc/systemd/system/{ALONE}.{kind}",
                    content=render(f"arbitrator/alone.{kind}.j2", state=STATE),
                    on_change=("daemon-reload",),
                )
                for kind in ("path", "service")
            ),
            File(
                path="/etc/systemd/system/garb.service.d/mariadb-ha.conf",
                content=render("arbitrator/garb.dropin.j2", unit=UNIT),
                on_change=("daemon-reload",),
            ),
            File(
                path=f"/etc/nftables.d/input-{name}-arbitrator.nft",
                content=render("arbitrator/arbitrator.nft.j2", peers=context.addresses(nodes)),
                check="nft",
                on_change=("reload-or-try-restart nftables",),
            ),
        ),
        units=(UNIT,),
        needs=Needs(what="arbitrator", ports=galera.ports(name)[host]),
    )
