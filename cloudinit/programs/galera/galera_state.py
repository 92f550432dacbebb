"""What a Galera node leaves on its disk: grastate.dat (saved_state.cpp of Galera), gvwstate.dat (view.cpp), a recovered
position.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data_mount import missing_mount
from mha_common import Failure, at, boot_id, read_env
from mha_files import read_object, read_regular, read_text, write_atomically

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NO_UUID = "00000000-0000-0000-0000-000000000000"
RECOVERED = "/var/lib/mariadb-ha/recovered.json"
#: There while a state transfer into this node that was decided has not ended.
JOINING = "/var/lib/mariadb-ha/joining"
#: Whom this node lets form the cluster (galera_form), until it is Synced.
LETS = "/var/lib/mariadb-ha/lets-form"
#: {"records": […]}: when the cluster was formed again without some nodes (node_facts.Formed).
FORMED = "/var/lib/mariadb-ha/formed.json"
#: HOSTS: the nodes whose data the settings allow to be discarded.
DISCARD_ENV = "/etc/mariadb-ha/discard.env"
GALERA_ENV = "/etc/mariadb-ha/galera.env"
DRAINING = "/var/lib/mariadb-ha/draining"
#: Joins or forms the cluster at boot, by decision (galera-start).
START_UNIT = "mariadb-ha-galera-start.service"
_CGROUP = "/sys/fs/cgroup/system.slice"
SYSTEM_SCHEMAS = {"mysql", "performance_schema", "sys"}
SERVER_FILES = ("ibdata1", "ib_logfile0", "aria_log_control")
STATE_FILES = ("grastate.dat", "gvwstate.dat")


@dataclass(frozen=True)
class Config:
    """galera.env: who the nodes are. `nodes` in the order in which they join."""

    node: str
    nodes: dict[str, str]
    reference: str
    agent_port: int
    datadir: str
    port: int = 3306
    #: Members that vote and hold no data (ARBITRATOR): never asked for a position.
    arbitrators: int = 0

    @property
    def peers(self) -> dict[str, str]:
        return {name: address for name, address in self.nodes.items() if name != self.node}


def load_config() -> Config:
    """Read /etc/mariadb-ha/galera.env. Raises Failure when a key is missing or contradicts another."""
    return make_config(read_env(GALERA_ENV))


def load_discard() -> list[str]:
    """The nodes whose data may go, as the settings say (`discard_data_of`)."""
    return read_env(DISCARD_ENV).get("HOSTS", "").split() if at(DISCARD_ENV).exists() else []


def make_config(env: Mapping[str, str]) -> Config:
    """The configuration from the keys of galera.env; as `load_config`."""
    try:
        nodes = dict(pair.split("=", 1) for pair in env["NODES"].split())
        datadir, port = env.get("DATADIR", "/var/lib/mysql"), int(env.get("PORT", "3306"))
        arbitrators = len(env.get("ARBITRATOR", "").split())
        config = Config(
            env["NODE"], nodes, env.get("REFERENCE", ""), int(env["AGENT_PORT"]), datadir, port, arbitrators
        )
    except (KeyError, ValueError) as error:
        raise Failure(f"{GALERA_ENV} is incomplete: {error}", todo="deliver it again: pulumi up") from None
    if config.node not in nodes:
        raise Failure(f"{GALERA_ENV}: NODE {config.node} is not one of NODES", todo="deliver it again: pulumi up")
    return config


def read_grastate(datadir: str) -> dict[str, Any] | None:
    """grastate.dat as {"uuid", "seqno", "safe_to_bootstrap"}; None when there is none. What is not in it, or garbage,
    reads as Galera's own words for "not known": the zero UUID, -1, 0.
    """
    try:
        text, _ = read_regular(at(datadir) / "grastate.dat")
    except FileNotFoundError:
        return None
    except OSError:
        text = ""
    values = dict(re.findall(r"^(uuid|seqno|safe_to_bootstrap):[ \t]*(\S+)[ \t]*$", text, re.MULTILINE))
    uuid, seqno, safe = values.get("uuid", ""), values.get("seqno", ""), values.get("safe_to_bootstrap", "")
    return {
        "uuid": uuid if re.fullmatch(UUID, uuid) else NO_UUID,
        "seqno": int(seqno) if re.fullmatch(r"\d{1,18}", seqno, re.ASCII) else -1,
        "safe_to_bootstrap": 1 if safe == "1" else 0,
    }


def read_gvwstate(datadir: str) -> dict[str, Any] | None:
    """gvwstate.dat as {"view": id, "members": number}; None when the node left its last view in order, or the file is
    not whole.
    """
    try:
        text, _ = read_regular(at(datadir) / "gvwstate.dat")
    except OSError:
        return None
    view, members, whole = "", 0, False
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "view_id":
            view = value.strip()
        elif key.strip() == "member":
            members += 1
        whole = whole or line.strip() == "#vwend"
    return {"view": view, "members": members} if view and members and whole else None


def holds(datadir: str) -> str:
    """What the data directory holds: "nothing", "system tables" (as the package or mariadb-install-db left it: never in
    a cluster, no database of anybody), "data", or "unreadable", which may be data as well.
    """
    try:
        entries = list(os.scandir(at(datadir)))
    except FileNotFoundError:
        return "nothing"
    except OSError:
        return "unreadable"
    names = {entry.name for entry in entries}
    folders = {entry.name for entry in entries if not entry.is_file(follow_symlinks=False)} - names.intersection(
        (*STATE_FILES, "lost+found")
    )
    if not folders and not names.intersection(SERVER_FILES) and not any(name.startswith("undo") for name in names):
        return "nothing"
    return "system tables" if folders <= SYSTEM_SCHEMAS and not names.intersection(STATE_FILES) else "data"


def unit_has_process(unit: str) -> bool:
    """Whether anything runs in the unit's control group (asks the kernel, starts no process)."""
    try:
        return bool(at(f"{_CGROUP}/{unit}/cgroup.procs").read_text().strip())
    except OSError:
        return False


def touched(datadir: str) -> list[int]:
    """When the server last wrote its logs and state (ns): any run of it makes a recovered position stale."""
    files = [at(datadir) / name for name in ("ibdata1", "ib_logfile0", "grastate.dat")]
    return [file.stat().st_mtime_ns if file.exists() else 0 for file in files]


def read_recovered(datadir: str) -> dict[str, Any] | None:
    """The position that `mariadbd --wsrep-recover` found, {"uuid", "seqno"}, unless the host or the server ran since.

    ("", -1): it failed.
    """
    found = read_object(RECOVERED)
    valid = found.get("boot_id") == boot_id() and found.get("touched") == touched(datadir)
    return {"uuid": found["uuid"], "seqno": found["seqno"]} if valid else None


def write_recovered(datadir: str, uuid: str, seqno: int) -> None:
    """Publish this node's position: the agent's /state tells it to the peers."""
    text = json.dumps({"boot_id": boot_id(), "touched": touched(datadir), "uuid": uuid, "seqno": seqno})
    write_atomically(at(RECOVERED), text + "\n")


def disk_state(config: Config) -> dict[str, Any]:
    """The part of the agent's /state that needs no running server."""
    missing = bool(missing_mount(config.datadir))
    grastate = None if missing else read_grastate(config.datadir)
    gvw = None if missing else read_gvwstate(config.datadir)
    return {
        "node": config.node,
        "boot_id": boot_id(),
        "data_disk": "missing" if missing else "present",
        "grastate": grastate,
        "gvwstate": gvw is not None,
        "gvw": gvw,
        "holds": "unreadable" if missing else holds(config.datadir),
        "joining": grastate is not None and at(JOINING).exists(),
        "lets": read_text(LETS).strip(),
        "formed": read_object(FORMED).get("records", []),
        "recovered": None if missing else read_recovered(config.datadir),
        "process": unit_has_process("mariadb.service"),
        "starting": unit_has_process(START_UNIT),
        "draining": at(DRAINING).exists(),
    }


def write_grastate(datadir: str, uuid: str, *, safe: bool) -> None:
    """grastate.dat with the cluster's UUID and seqno -1, so that Galera takes the position that InnoDB has and no other
    (with the zero UUID it would make a new cluster). Keeps owner and mode; a file that is not there gets the data
    directory's owner.
    """
    folder = at(datadir)
    try:
        _, was = read_regular(folder / "grastate.dat")
        mode = was.st_mode & 0o777
    except FileNotFoundError:
        was, mode = folder.stat(), 0o660
    except OSError as error:
        words = f"{folder / 'grastate.dat'} cannot be read ({error.strerror}): nothing was changed"
        raise Failure(words, todo="look what it is: Galera's file is a regular one of mysql's") from None
    text = f"# GALERA saved state\nversion: 2.1\nuuid:    {uuid}\nseqno:   -1\nsafe_to_bootstrap: {int(safe)}\n"
    write_atomically(folder / "grastate.dat", text, mode=mode, owner=(was.st_uid, was.st_gid))
