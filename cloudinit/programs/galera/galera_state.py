"""What a Galera node leaves on its disk: grastate.dat (saved_state.cpp of Galera), gvwstate.dat (view.cpp), a recovered
position.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mha_common import Failure, at, boot_id, read_env, write_atomically

NO_UUID = "00000000-0000-0000-0000-000000000000"
RECOVERED = "/var/lib/mariadb-ha/recovered.json"
GALERA_ENV = "/etc/mariadb-ha/galera.env"
DRAINING = "/var/lib/mariadb-ha/draining"
#: Joins or forms the cluster at boot, by decision (galera-start).
START_UNIT = "mariadb-ha-galera-start.service"
_CGROUP = "/sys/fs/cgroup/system.slice"


@dataclass(frozen=True)
class Config:
    """galera.env: who the nodes are. `nodes` in the order in which they join."""

    node: str
    nodes: dict[str, str]
    reference: str
    agent_port: int
    datadir: str
    port: int = 3306

    @property
    def peers(self) -> dict[str, str]:
        return {name: address for name, address in self.nodes.items() if name != self.node}


def load_config() -> Config:
    """Read /etc/mariadb-ha/galera.env. Raises Failure when a key is missing or contradicts another."""
    return make_config(read_env(GALERA_ENV))


def make_config(env: Mapping[str, str]) -> Config:
    """The configuration from the keys of galera.env; as `load_config`."""
    try:
        nodes = dict(pair.split("=", 1) for pair in env["NODES"].split())
        datadir, port = env.get("DATADIR", "/var/lib/mysql"), int(env.get("PORT", "3306"))
        config = Config(env["NODE"], nodes, env.get("REFERENCE", ""), int(env["AGENT_PORT"]), datadir, port)
    except (KeyError, ValueError) as error:
        raise Failure(f"{GALERA_ENV} is incomplete: {error}", todo="deliver it again: pulumi up") from None
    if config.node not in nodes:
        raise Failure(f"{GALERA_ENV}: NODE {config.node} is not one of NODES", todo="deliver it again: pulumi up")
    return config


def read_grastate(datadir: str) -> dict[str, Any] | None:
    """grastate.dat as {"uuid", "seqno", "safe_to_bootstrap"}; None when the node never was in a cluster."""
    try:
        text = (at(datadir) / "grastate.dat").read_text()
    except FileNotFoundError:
        return None
    values = dict(line.split(":", 1) for line in text.splitlines() if ":" in line and not line.startswith("#"))
    return {
        "uuid": values.get("uuid", NO_UUID).strip(),
        "seqno": int(values.get("seqno", "-1").strip() or -1),
        "safe_to_bootstrap": int(values.get("safe_to_bootstrap", "0").strip() or 0),
    }


def read_gvwstate(datadir: str) -> dict[str, Any] | None:
    """gvwstate.dat as {"view": id, "members": number}; None when the node left its last view in order."""
    try:
        text = (at(datadir) / "gvwstate.dat").read_text()
    except FileNotFoundError:
        return None
    view, members = "", 0
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "view_id":
            view = value.strip()
        elif key.strip() == "member":
            members += 1
    return {"view": view, "members": members} if view and members else None


def data_disk_missing() -> bool:
    """True while a data volume is configured but not mounted: its files must not be taken for an empty node's."""
    if not at("/etc/mariadb-ha/data-disk.env").exists():
        return False
    mount = read_env("/etc/mariadb-ha/data-disk.env").get("MOUNT", "/var/lib/mysql")
    return not any(line.split()[1] == mount for line in at("/proc/self/mounts").read_text().splitlines())


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
    """The position that `mariadbd --wsrep-recover` found, {"uuid", "seqno"},
    unless the host or the server ran since.
    """
    try:
        found: dict[str, Any] = json.loads(at(RECOVERED).read_text())
    except (OSError, ValueError):
        return None
    valid = found.get("boot_id") == boot_id() and found.get("touched") == touched(datadir)
    return {"uuid": found["uuid"], "seqno": found["seqno"]} if valid else None


def write_recovered(datadir: str, uuid: str, seqno: int) -> None:
    """Publish this node's position: the agent's /state tells it to the peers."""
    text = json.dumps({"boot_id": boot_id(), "touched": touched(datadir), "uuid": uuid, "seqno": seqno})
    write_atomically(at(RECOVERED), text + "\n")


def disk_state(config: Config) -> dict[str, Any]:
    """The part of the agent's /state that needs no running server."""
    missing = data_disk_missing()
    grastate = None if missing else read_grastate(config.datadir)
    gvw = None if missing else read_gvwstate(config.datadir)
    return {
        "node": config.node,
        "boot_id": boot_id(),
        "data_disk": "missing" if missing else "present",
        "grastate": grastate,
        "gvwstate": gvw is not None,
        "gvw": gvw,
        "recovered": None if missing else read_recovered(config.datadir),
        "process": unit_has_process("mariadb.service"),
        "starting": unit_has_process(START_UNIT),
        "draining": at(DRAINING).exists(),
    }


def set_safe_to_bootstrap(datadir: str) -> None:
    """Set `safe_to_bootstrap: 1` in grastate.dat, keeping its owner; nothing else is changed."""
    file = at(datadir) / "grastate.dat"
    lines = [line for line in file.read_text().splitlines() if not line.startswith("safe_to_bootstrap")]
    was = file.stat()
    write_atomically(
        file,
        "\n".join([*lines, "safe_to_bootstrap: 1"]) + "\n",
        mode=was.st_mode & 0o777,
        owner=(was.st_uid, was.st_gid),
    )
