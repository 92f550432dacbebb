"""Services that are in the way: taken ports, database servers of another make, a keepalived of somebody else's."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.sight import Sight
from settings.problem import Problem, listed

#: Galera's own ports: replication, IST, SST (galeracluster.com, firewall settings).
GALERA_PORTS = {4567: "Galera's replication", 4568: "Galera's incremental state transfer", 4444: "Galera's state snapshot transfer"}
#: Debian's MariaDB server.
DEBIAN_SERVER = "/usr/sbin/mariadbd"


def ports(sight: Sight) -> Iterator[Problem]:
    """The ports that a Galera node opens are free. Where this stack was delivered they are its own."""
    galera = sight.context.settings.galera
    if galera is None or not sight.galera or sight.ours:
        return
    if sight.facts.listeners is None:
        yield sight.problem(
            "the program `ss` is not there", "nothing can be said about ports that are taken", "install it there, as root: apt-get install iproute2"
        )
        return
    wanted = {galera.port: "MariaDB", **GALERA_PORTS, galera.agent_port: "the health agent"}
    taken: dict[tuple[str, str], list[int]] = {}
    for entry in sight.facts.listeners:
        if entry.port in wanted and entry.port not in (ports := taken.setdefault((entry.name, entry.pid), [])):
            ports.append(entry.port)
    for (name, pid), found in taken.items():
        many = len(found) > 1
        yield sight.problem(
            f"port{'s' if many else ''} {listed(found)} {'are' if many else 'is'} taken by {f'{name} (process {pid})' if name else 'an unknown process'}",
            f"{listed([wanted[port] for port in found])} need{'' if many else 's'} {'them' if many else 'it'} and could not start",
            _release(name, found, {galera.port: "galera.port", galera.agent_port: "galera.agent_port"}),
        )


def _release(name: str, taken: list[int], movable: dict[int, str]) -> str:
    """What to do about taken ports. `movable`: those that a setting chooses."""
    if name == "mariadbd":
        return "if nobody uses it, run there, as root: systemctl disable --now mariadb"
    keys = [movable[port] for port in taken if port in movable]
    return f"stop and disable that service there{f', or choose another {listed(keys)}' if len(keys) == len(taken) else ''}"


def other_packages(sight: Sight) -> Iterator[Problem]:
    """No package of another MySQL is there: installing MariaDB would make apt remove it."""
    if sight.galera and sight.facts.packages:
        yield sight.problem(
            f"another database server is installed: {listed([line.replace(' ', ' ', 1) for line in sight.facts.packages])}",
            "it conflicts with mariadb-server: apt would remove it, and the two do not read each other's data",
            "move its databases elsewhere (mysqldump) and remove the packages, or name another host",
        )


def other_servers(sight: Sight) -> Iterator[Problem]:
    """No database server but Debian's MariaDB runs, in no container either. (Debian's own is told by its port and its data.)"""
    if not sight.galera or sight.ours:
        return
    for entry in sight.facts.processes:
        if entry.name not in ("mysqld", "mariadbd") or (entry.program == DEBIAN_SERVER and not entry.container):
            continue
        where = "in a container" if entry.container else entry.program or "its program is unknown"
        yield sight.problem(
            f"a database server that is not Debian's MariaDB runs there: {entry.name} (process {entry.pid}, {where})",
            "a Galera node has the machine's memory and ports for itself",
            "move that database elsewhere and stop it for good, or name another host",
        )


def other_keepalived(sight: Sight) -> Iterator[Problem]:
    """No keepalived runs on a director with a configuration of somebody else's."""
    if not sight.director or sight.ours or sight.facts.keepalived == "generated":
        return
    running = [entry.pid for entry in sight.facts.processes if entry.name == "keepalived" and not entry.container]
    if running:
        yield sight.problem(
            f"keepalived runs there (process {running[0]}) with a configuration that is not the stack's",
            "the stack would replace /etc/keepalived/keepalived.conf, and the addresses that it holds now would be dropped",
            "move that service to another host; then, as root: systemctl disable --now keepalived",
        )


RULES = (ports, other_packages, other_servers, other_keepalived)
