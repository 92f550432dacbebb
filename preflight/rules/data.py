"""Data and owners: a host of another stack, and a data directory that is not this stack's, are left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from preflight.candidate import Candidate
from settings.problem import Problem, listed, quote

#: Folders that a new MariaDB has.
SYSTEM_FOLDERS = ("mysql", "sys", "performance_schema", "test", "lost+found")
ZERO_UUID = "00000000-0000-0000-0000-000000000000"
#: Folders and files that only MySQL 8 makes.
MYSQL_8 = re.compile(r"^#innodb_redo$|^#innodb_temp$|^#ib_.*\.dblwr$|^mysql\.ibd$")
#: Binary logs: a fresh Debian server writes none.
BINLOG = re.compile(r"^.+\.(index|[0-9]{6})$")


def owner(candidate: Candidate) -> Iterator[Problem]:
    """The host belongs to no other stack, and not to another name in this one."""
    about = candidate.facts.stack
    if about is None:
        return
    file = "/var/lib/mariadb-ha/stack.json"
    if not about.get("stack"):
        yield candidate.problem(
            f"{file} cannot be read as the name of a stack",
            "whose host this is cannot be told, and nothing is taken from another stack",
            f"look at it there; delete it if no stack is in use on this host: rm {file}",
        )
    elif not candidate.ours:
        yield candidate.problem(
            f"it belongs to the stack {quote(about['stack'])}",
            f"two stacks would undo each other's work there; this one is {quote(candidate.context.stack)}",
            "run `pulumi destroy` for that stack, or name another host; if that stack is gone for good, run there, "
            f"as root: rm {file}",
        )
    elif about.get("host") not in (None, candidate.host):
        yield candidate.problem(
            f"this stack set it up as {quote(about['host'])}, not as {quote(candidate.host)}",
            "a host that changes its name would hold data and settings of two hosts",
            f"correct hosts.{candidate.host}.address; for a true change of name `pulumi destroy --target` the old "
            "host first",
        )


def signs(candidate: Candidate) -> list[str]:
    """What says that a data directory was used by somebody."""
    facts = candidate.facts
    databases = [name for name in facts.data_folders if name not in SYSTEM_FOLDERS and not name.startswith(("#", "."))]
    found = [f"the database{'s' if len(databases) > 1 else ''} {_some(databases)}"] if databases else []
    if facts.grastate_uuid and facts.grastate_uuid != ZERO_UUID:
        found.append(f"a member of the Galera cluster {facts.grastate_uuid}")
    if [name for name in (*facts.data_folders, *facts.data_files) if MYSQL_8.match(name)]:
        found.append("files of MySQL 8")
    logs = [name for name in facts.data_files if BINLOG.match(name)]
    return [*found, f"binary logs ({logs[0]})"] if logs else found


def _some(names: list[str]) -> str:
    return listed(names) if len(names) < 6 else f"{', '.join(names[:4])} and {len(names) - 4} more"


def data(candidate: Candidate) -> Iterator[Problem]:
    """A database server's data directory is empty, new, this stack's, or left by it and to be adopted."""
    server = candidate.server
    if server is None or candidate.ours or server.begins_with_data:
        return
    untouched = f"nothing of it will be touched, so the host cannot become a {server.what}"
    found, retained = signs(candidate), candidate.facts.retained
    if not found:
        return
    if retained is None or retained.get("datadir", server.datadir) != server.datadir:
        yield candidate.problem(
            f"/var/lib/mysql holds data that is not this stack's: {listed(found)}",
            untouched,
            "dump what is needed (mariadb-dump --all-databases), stop the server and move the folder away (mv "
            "/var/lib/mysql /var/lib/mysql.old), or name another host",
        )
    elif retained.get("stack") != candidate.context.stack:
        yield candidate.problem(
            f"/var/lib/mysql holds data that the stack {quote(retained.get('stack'))} left behind: {listed(found)}",
            untouched,
            "bring that stack up again, or move the folder away: mv /var/lib/mysql /var/lib/mysql.old, and rm "
            "/var/lib/mariadb-ha/retained.json",
        )
    elif not candidate.context.settings.bare_metal.adopt_retained_data:
        yield candidate.problem(
            "/var/lib/mysql holds data that an earlier stack of this name left behind at its destroy "
            f"({retained.get('at', 'time unknown')}): {listed(found)}",
            "nothing of it is touched until you say what is to become of it",
            "to go on with this data write bare_metal.adopt_retained_data: true; to begin anew move it away: mv "
            "/var/lib/mysql /var/lib/mysql.old",
        )
    else:
        yield from _adopted(candidate, str(retained.get("cluster_uuid") or ""))


def _adopted(candidate: Candidate, uuid: str) -> Iterator[Problem]:
    """Data that is to be adopted is what was left, and of the same cluster on all hosts: a join overwrites what
    differs.
    """
    now = candidate.facts.grastate_uuid
    if uuid and now not in ("", ZERO_UUID, uuid):
        yield candidate.problem(
            f"/var/lib/mysql is not what this stack left: it left cluster {uuid}, and there is {now}",
            "somebody used the folder since, and a join would overwrite it",
            "move it away: mv /var/lib/mysql /var/lib/mysql.old, or put back what was there",
        )
        return
    for other, facts in candidate.all_facts.items():
        if other == candidate.host:
            return
        theirs = str((facts.retained or {}).get("cluster_uuid") or "")
        if (
            facts.stack is None
            and uuid
            and theirs not in ("", uuid)
            and (facts.retained or {}).get("stack") == candidate.context.stack
        ):
            yield candidate.problem(
                f"the data left in /var/lib/mysql is of cluster {uuid}, that of {other} of cluster {theirs}",
                "they are different databases: one would be overwritten by a copy of the other when it joins",
                "keep the right one, and move the other away on its host: mv /var/lib/mysql /var/lib/mysql.old",
            )
            return


RULES = (owner, data)
