"""What a Galera node leaves on its disk, and what its health agent says of it over HTTP.

Sources: Galera's grastate.dat (saved_state.cpp) and gvwstate.dat (view.cpp), MariaDB's `SHOW STATUS LIKE 'wsrep%'`.
"""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mha_common import Failure, at, boot_id, read_env, read_object, read_regular, write_atomically

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NO_UUID = "00000000-0000-0000-0000-000000000000"
RECOVERED = "/var/lib/mariadb-ha/recovered.json"
#: There while a state transfer into this node that was decided has not ended.
JOINING = "/var/lib/mariadb-ha/joining"
#: Whom this node lets form the cluster (galera_form), until it is Synced.
LETS = "/var/lib/mariadb-ha/lets-form"
#: {"records": […]}: when the cluster was formed again without some nodes (galera_facts.Formed).
FORMED = "/var/lib/mariadb-ha/formed.json"
#: The mount point that the data directory lay on when the server was started last.
MOUNT = "/var/lib/mariadb-ha/data-mount"
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
        config = Config(env["NODE"], nodes, env.get("REFERENCE", ""), int(env["AGENT_PORT"]), datadir, port)
    except (KeyError, ValueError) as error:
        raise Failure(f"{GALERA_ENV} is incomplete: {error}", todo="deliver it again: pulumi up") from None
    if config.node not in nodes:
        raise Failure(f"{GALERA_ENV}: NODE {config.node} is not one of NODES", todo="deliver it again: pulumi up")
    return config


def read_grastate(datadir: str) -> dict[str, Any] | None:
    """grastate.dat as {"uuid", "seqno", "safe_to_bootstrap"}; None when there is none. What is not in it, or garbage, reads as
    Galera's own words for "not known": the zero UUID, -1, 0.
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
    """gvwstate.dat as {"view": id, "members": number}; None when the node left its last view in order, or the file is not whole."""
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
    """What the data directory holds: "nothing", "system tables" (as the package or mariadb-install-db left it: never in a cluster,
    no database of anybody), "data", or "unreadable", which may be data as well.
    """
    try:
        entries = list(os.scandir(at(datadir)))
    except FileNotFoundError:
        return "nothing"
    except OSError:
        return "unreadable"
    names = {entry.name for entry in entries}
    folders = {entry.name for entry in entries if not entry.is_file(follow_symlinks=False)} - names.intersection((*STATE_FILES, "lost+found"))
    if not folders and not names.intersection(SERVER_FILES) and not any(name.startswith("undo") for name in names):
        return "nothing"
    return "system tables" if folders <= SYSTEM_SCHEMAS and not names.intersection(STATE_FILES) else "data"


def read_text(path: str) -> str:
    """A file of root's; empty when there is none."""
    try:
        return at(path).read_text(errors="replace")
    except FileNotFoundError:
        return ""


def mount_points(path: str) -> list[str]:
    """The mount points in a file of fstab(5)'s form."""
    rows = [line.split() for line in read_text(path).splitlines() if not line.lstrip().startswith("#")]
    return [str(Path(row[1])) for row in rows if len(row) > 1]


def lies_on(datadir: str, points: Iterable[str]) -> list[str]:
    """Those of the mount points that the directory lies on, the root's left out; the nearest one last."""
    return sorted({point for point in points if point != "/" and Path(datadir).is_relative_to(point)}, key=len)


def missing_mount(datadir: str) -> str:
    """The volume that the data directory belongs on and that is not mounted: what lies there instead must not be taken for the data, nor
    for an empty node's. It is known from data-disk.env, from fstab, and from the last start of the server. Empty: nothing is missing.
    """
    wanted = lies_on(datadir, mount_points("/etc/fstab"))
    if at("/etc/mariadb-ha/data-disk.env").exists():
        wanted.append(read_env("/etc/mariadb-ha/data-disk.env").get("MOUNT", "/var/lib/mysql"))
    if remembered := read_text(MOUNT).strip():
        wanted += lies_on(datadir, [remembered])
    mounted = mount_points("/proc/self/mounts")
    return next((mount for mount in reversed(wanted) if mount not in mounted), "")


def refuse_missing_mount(datadir: str) -> None:
    """Raises Failure when the data directory's volume is not mounted."""
    if mount := missing_mount(datadir):
        words = f"{datadir} lies on a volume of its own, and nothing is mounted on {mount}: what is there now is not the data, and it was not touched"
        todo = f"mount it (`mount {mount}`; see `journalctl -b -u systemd-fsck*` where it fails), then run again"
        raise Failure(words, todo=f"{todo}; where the data has moved for good: take it out of /etc/fstab, and remove {MOUNT}")


def remember_mount(datadir: str) -> None:
    """Keep in mind on which volume the data lies, at a start of the server."""
    now = next(iter(reversed(lies_on(datadir, mount_points("/proc/self/mounts")))), "")
    if now != read_text(MOUNT).strip():
        write_atomically(at(MOUNT), now + "\n")


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
    """The position that `mariadbd --wsrep-recover` found, {"uuid", "seqno"}, unless the host or the server ran since. ("", -1): it failed."""
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


def http_get(address: str, port: int, path: str, *, timeout: float) -> tuple[int, str]:
    """Status and body of a small GET; the whole exchange takes at most `timeout` (s). Raises OSError or ValueError."""
    end = time.monotonic() + timeout
    with socket.create_connection((address, port), timeout=timeout) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer did not end in time")
            connection.settimeout(left)
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(None, 2)[1]), body.decode(errors="replace")


def ask(address: str, port: int, *, timeout: float) -> dict[str, Any] | None:
    """A node's /state, None when it does not answer."""
    try:
        status, body = http_get(address, port, "/state", timeout=timeout)
        state = json.loads(body)
    except (OSError, ValueError, IndexError):
        return None
    return state if status == 200 and isinstance(state, dict) else None


def ask_peers(config: Config, *, timeout: float = 5.0) -> dict[str, dict[str, Any] | None]:
    """Every peer's /state, asked at the same time; None for those that do not answer within `timeout` (s)."""
    peers = config.peers
    if not peers:
        return {}
    with ThreadPoolExecutor(len(peers)) as pool:
        answers = pool.map(lambda address: ask(address, config.agent_port, timeout=timeout), peers.values())
        return dict(zip(peers, answers, strict=True))


def write_grastate(datadir: str, uuid: str, *, safe: bool) -> None:
    """grastate.dat with the cluster's UUID and seqno -1, so that Galera takes the position that InnoDB has and no other (with the zero
    UUID it would make a new cluster). Keeps owner and mode; a file that is not there gets the data directory's owner.
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
