"""Whether this Galera node may take clients: the facts, and the verdict in words. The HTTP side is in health-agent."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from galera_cluster import takes_clients
from galera_flag import read_flag
from galera_state import Config, ask_peers, disk_state
from host_addresses import addresses
from mha_common import Failure, at, read_env
from mha_sql import SqlError, connect, wsrep_values

if TYPE_CHECKING:
    import pymysql

SYNCED, DONOR = 4, 2
#: HTTP status of the verdict: takes clients; keeps the sessions it has, wants no new ones; send nothing.
SERVE, KEEP, REFUSE = 200, 404, 503
SQL_TIMEOUT = 2.0


def vips() -> list[str]:
    """The VIPs that a real server holds; none on a node that is not one."""
    if not at("/etc/mariadb-ha/realserver.env").exists():
        return []
    return read_env("/etc/mariadb-ha/realserver.env").get("VIPS", "").split()


def missing_vips() -> list[str]:
    here = {address for interface, address in addresses() if interface == "lo"}
    return [vip for vip in vips() if vip not in here]


class Server:
    """One persistent connection to MariaDB, made again when it broke."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.connection: pymysql.connections.Connection[Any] | None = None

    def figures(self) -> dict[str, str]:
        """wsrep figures; raises SqlError after about SQL_TIMEOUT (s), or twice that when a kept connection had to be made again."""
        if self.connection is not None:
            try:
                return wsrep_values(self.connection)
            except SqlError:
                self.close()  # the server may have been restarted since, and be well
        try:
            self.connection = connect(timeout=SQL_TIMEOUT, user=self.user)
            return wsrep_values(self.connection)
        except SqlError:
            self.close()
            raise

    def close(self) -> None:
        if self.connection is not None:
            connection, self.connection = self.connection, None
            with contextlib.suppress(Exception):  # a broken connection may fail in any way while it is closed
                connection.close()


def verdict(state: Mapping[str, Any], better_peers: Callable[[], list[str]]) -> tuple[int, str]:
    """May the node take clients? SERVE, KEEP or REFUSE, and the reason in words. `better_peers` is asked only when this node is a donor."""
    if state["draining"]:
        return KEEP, f"draining: {state.get('draining_reason') or 'no reason given'}"
    if not state["running"]:
        return REFUSE, f"MariaDB does not answer: {state.get('error') or 'not running'}"
    if state["cluster_status"] != "Primary":
        return REFUSE, f"not in the Primary component (cluster_status {state['cluster_status']})"
    if not state["wsrep_ready"]:
        return REFUSE, "wsrep_ready is OFF"
    if state["read_only"]:
        return REFUSE, "read_only is ON"
    if state["reject_queries"] != "NONE":
        return REFUSE, f"wsrep_reject_queries is {state['reject_queries']}"
    if state["missing_vips"]:
        return REFUSE, f"{', '.join(state['missing_vips'])} is not on lo: start mariadb-ha-lvsdr"
    if state["local_state"] == DONOR:
        better = better_peers()
        if better:
            return KEEP, f"donor or desynced, {', '.join(better)} is Synced"
        return SERVE, "ok: donor or desynced, but no other node would take the clients"
    if state["local_state"] != SYNCED:
        return REFUSE, f"not Synced ({state['local_state_comment']})"
    return SERVE, f"ok: Synced, cluster of {state['cluster_size']}"


def is_synced(state: Mapping[str, Any]) -> bool:
    return state.get("local_state") == SYNCED and state.get("cluster_status") == "Primary"


class Checker:
    """Checks when asked, at most every `fresh` seconds, in one thread, so that no probe waits longer than `patience`."""

    def __init__(self, config: Config, server: Server, *, fresh: float = 0.3, patience: float = 0.8) -> None:
        self.config, self.server, self.fresh, self.patience = config, server, fresh, patience
        self.changed = threading.Condition()
        self.wanted = threading.Event()
        self.at_time = float("-inf")
        self.state: dict[str, Any] = {}
        self.answer = (REFUSE, "no check has ended yet")
        self.peers_seen: tuple[float, list[str]] = (float("-inf"), [])
        self.wanted.set()  # the first check loads the SQL library: before the first probe
        threading.Thread(target=self.work, daemon=True, name="check").start()

    def look(self) -> dict[str, Any]:
        """The node's /state."""
        found: dict[str, Any] = disk_state(self.config)
        absent = missing_vips()
        found |= {"running": False, "vip_on_lo": not absent and bool(vips()), "missing_vips": absent, "error": None}
        names = ("wsrep_ready", "cluster_status", "cluster_state_uuid", "local_state", "local_state_comment", "cluster_size", "read_only", "reject_queries")
        found |= dict.fromkeys(names)
        flag = read_flag()
        rolling = bool(flag and flag.at_work)
        cut_short = bool(flag and flag.roll and not rolling)
        found |= {"draining": flag is not None and not cut_short, "draining_reason": flag.reason if flag else None}
        found |= {"rolling": rolling, "roll_cut_short": cut_short}
        try:
            figures = self.server.figures()
        except SqlError as error:
            return found | {"error": " ".join(str(error).split())}
        return found | {
            "running": True,
            "process": True,
            "wsrep_ready": figures.get("wsrep_ready") == "ON",
            "cluster_status": figures.get("wsrep_cluster_status"),
            "cluster_state_uuid": figures.get("wsrep_cluster_state_uuid"),
            "local_state": int(figures.get("wsrep_local_state", 0)),
            "local_state_comment": figures.get("wsrep_local_state_comment"),
            "cluster_size": int(figures.get("wsrep_cluster_size", 0)),
            "read_only": figures.get("read_only") not in ("OFF", "0"),
            "reject_queries": figures.get("wsrep_reject_queries"),
        }

    def better_peers(self) -> list[str]:
        """Names of the other nodes that new clients can be sent to instead, asked at most every 2 s. Instead of a real server: only of real servers."""
        if time.monotonic() - self.peers_seen[0] > 2:
            answers = ask_peers(self.config, timeout=0.4)
            here = bool(vips())
            names = [name for name, state in answers.items() if state and (takes_clients(state) if here else is_synced(state))]
            self.peers_seen = (time.monotonic(), names)
        return self.peers_seen[1]

    def work(self) -> None:
        last: tuple[int, str] | None = None
        while True:
            self.wanted.wait()
            self.wanted.clear()
            began = time.monotonic()
            try:
                state = self.look()
                answer = verdict(state, self.better_peers)
                state["status"] = answer[0]
            except (Failure, OSError, ValueError, KeyError) as error:
                state, answer = {}, (REFUSE, f"the check failed: {error}")
            with self.changed:
                self.at_time, self.state, self.answer = began, state, answer
                self.changed.notify_all()
            if last is None or answer[0] != last[0]:
                print(answer[1], flush=True)
            last = answer

    def get(self) -> tuple[dict[str, Any], tuple[int, str]] | None:
        """State and verdict, not older than `fresh`; None when a check takes longer than `patience`."""
        asked = time.monotonic()
        with self.changed:
            if self.at_time < asked - self.fresh:
                self.wanted.set()
                if not self.changed.wait_for(lambda: self.at_time >= asked - self.fresh, timeout=self.patience):
                    return None
            return self.state, self.answer
