"""What a changed set of files takes on a Galera node: nothing, delivery, an agent restarted, or MariaDB restarted.

Looks, changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from apply_deliver import Changes
from apply_files import Entry
from galera_node import figures
from galera_state import GALERA_ENV, Config, disk_state, make_config
from mha_common import at
from wsrep_figures import counted

SET = "galera"
CNF = "/etc/mysql/"
MEMBERS_CNF = "/etc/mysql/mariadb.conf.d/73-mariadb-ha-members.cnf"
AGENT = "mariadb-ha-agent.service"
#: What a node cannot have otherwise than the cluster that it is in: option (of a [mariadbd] file or of galera.env) to
#: why.
FIXED = {
    "wsrep_cluster_name": "nodes of different cluster names never find each other",
    "port": "clients and directors would lose the node",
    "datadir": "the node's data would stay behind",
    "AGENT_PORT": "directors and nodes would not find its health agent",
}


@dataclass(frozen=True)
class Work:
    """What has to be done for a change to be in force."""

    server: bool
    """MariaDB reads something that changed only at its start."""
    agent: bool
    """The health agent is restarted."""


def work(wanted: Mapping[str, Entry], changes: Changes) -> Work:
    """What `changes` take.

    A mode or an owner alone restarts nobody; neither does the list of members, which is read at a start.
    """
    new = [path for path, what in changes.changed.items() if "content" in what]
    actions = {action for path in new for action in wanted[path].on_change} | changes.pending
    actions |= {action for given in changes.gone.values() for action in given}
    server = any(path.startswith(CNF) and path != MEMBERS_CNF for path in (*new, *changes.gone))
    return Work(server, any(AGENT in action for action in actions))


def options(text: str) -> dict[str, str]:
    """`key = value` lines of an option file or an environment file, unquoted; dashes and underscores are the same to
    MariaDB.
    """
    found = re.findall(r"^[ \t]*([A-Za-z][\w-]*)[ \t]*=[ \t]*(.*?)[ \t]*$", text, flags=re.MULTILINE)
    return {key.replace("-", "_"): value.strip("\"'") for key, value in found}


def immutable_changes(wanted: Mapping[str, Entry], paths: Iterable[str]) -> list[str]:
    """Changes that no roll can make on a living cluster, each in words."""
    found = []
    for path in paths:
        file = at(path)
        if path not in wanted or not file.exists():
            continue
        before, after = options(file.read_text(errors="replace")), options(wanted[path].content)
        for key, why in FIXED.items():
            if key in before and key in after and before[key] != after[key]:
                found.append(f"{key} would change from {before[key]} to {after[key]}: {why}")
    return found


def as_found(wanted: Mapping[str, Entry], record: Mapping[str, Entry]) -> dict[str, Entry]:
    """The set as its files are now: what to go back to."""
    found = {}
    for path, entry in {**record, **wanted}.items():
        file = at(path)
        if file.is_file():
            found[path] = replace(entry, content=file.read_text(), mode=file.stat().st_mode & 0o7777)
    return found


def wanted_config(wanted: Mapping[str, Entry]) -> Config | None:
    """The galera.env that is to be delivered; None when the set holds none."""
    return make_config(options(wanted[GALERA_ENV].content)) if GALERA_ENV in wanted else None


def own_state(config: Config) -> dict[str, Any]:
    """This node as its agent would tell it, asked from the server and the disk themselves:
    the agent may be an old one.
    """
    state: dict[str, Any] = {**disk_state(config), "running": False}
    if now := figures():
        state |= {
            "running": True,
            "cluster_status": now.get("wsrep_cluster_status"),
            "cluster_state_uuid": now.get("wsrep_cluster_state_uuid"),
            "local_state": int(now.get("wsrep_local_state", 0)),
            "local_state_comment": now.get("wsrep_local_state_comment"),
            **counted(now),
        }
    return state
