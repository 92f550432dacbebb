"""Services that are in the way: taken ports, database servers of another make, a keepalived of somebody else's."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.candidate import Candidate
from settings.problem import Problem, listed

#: Debian's MariaDB server.
DEBIAN_SERVER = "/usr/sbin/mariadbd"


def ports(candidate: Candidate) -> Iterator[Problem]:
    """The ports that its roles open are free. Where this stack was delivered they are its own."""
    wanted = {port.number: port for needs in candidate.needs for port in needs.ports}
    if not wanted or candidate.ours:
        return
    if candidate.facts.listeners is None:
        yield candidate.problem(
            "the program `ss` is not there",
            "nothing can be said about ports that are taken",
            "install it there, as root: apt-get install iproute2",
        )
        return
    taken: dict[tuple[str, str], list[int]] = {}
    for entry in candidate.facts.listeners:
        if entry.port in wanted and entry.port not in (found := taken.setdefault((entry.name, entry.pid), [])):
            found.append(entry.port)
    for (name, pid), numbers in taken.items():
        many = len(numbers) > 1
        yield candidate.problem(
            f"port{'s' if many else ''} {listed(numbers)} {'are' if many else 'is'} taken by "
            f"{f'{name} (process {pid})' if name else 'an unknown process'}",
            f"{listed([wanted[number].what for number in numbers])} need{'' if many else 's'} "
            f"{'them' if many else 'it'} and could not start",
            _release(name, numbers, {number: port.key for number, port in wanted.items() if port.key}),
        )


def _release(name: str, taken: list[int], movable: dict[int, str]) -> str:
    """What to do about taken ports. `movable`: those that a setting chooses."""
    if name == "mariadbd":
        return "if nobody uses it, run there, as root: systemctl disable --now mariadb"
    keys = [movable[port] for port in taken if port in movable]
    return (
        f"stop and disable that service there{f', or choose another {listed(keys)}' if len(keys) == len(taken) else ''}"
    )


def other_packages(candidate: Candidate) -> Iterator[Problem]:
    """No package of another MySQL is there: installing MariaDB would make apt remove it."""
    if candidate.server and candidate.facts.packages:
        yield candidate.problem(
            "another database server is installed: "
            f"{listed([line.replace(' ', ' ', 1) for line in candidate.facts.packages])}",
            "it conflicts with mariadb-server: apt would remove it, and the two do not read each other's data",
            "move its databases elsewhere (mysqldump) and remove the packages, or name another host",
        )


def other_servers(candidate: Candidate) -> Iterator[Problem]:
    """No database server but Debian's MariaDB runs, in no container either.

    (Debian's own is told by its port and its data.)
    """
    if not candidate.server or candidate.ours:
        return
    for entry in candidate.facts.processes:
        if entry.name not in ("mysqld", "mariadbd") or (entry.program == DEBIAN_SERVER and not entry.container):
            continue
        where = "in a container" if entry.container else entry.program or "its program is unknown"
        yield candidate.problem(
            f"a database server that is not Debian's MariaDB runs there: {entry.name} (process {entry.pid}, {where})",
            f"a {candidate.server.what} has the machine's memory and ports for itself",
            "move that database elsewhere and stop it for good, or name another host",
        )


def other_keepalived(candidate: Candidate) -> Iterator[Problem]:
    """No keepalived runs with a configuration of somebody else's where a role configures it."""
    if not candidate.keepalived or candidate.ours or candidate.facts.keepalived == "generated":
        return
    running = [entry.pid for entry in candidate.facts.processes if entry.name == "keepalived" and not entry.container]
    if running:
        yield candidate.problem(
            f"keepalived runs there (process {running[0]}) with a configuration that is not the stack's",
            "the stack would replace /etc/keepalived/keepalived.conf, and the addresses that it holds now would be "
            "dropped",
            "move that service to another host; then, as root: systemctl disable --now keepalived",
        )


RULES = (ports, other_packages, other_servers, other_keepalived)
