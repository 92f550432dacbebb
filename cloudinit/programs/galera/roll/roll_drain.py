"""Take this node out of service and put it back: the directors' notice, the clients' sessions,
the health agent's word.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import drain_flag
from agent_http import SERVE, own_answer
from galera_node import server_runs
from galera_state import Config
from mha_common import Deadline, Failure, at, pause, read_env, say

ESTABLISHED = "01"
SERVING_TIMEOUT = 900.0
#: Seconds until another node has the VIP.
TAKEN_OVER = 30.0


@dataclass(frozen=True)
class DrainTimes:
    """roll.env: seconds that sessions get, and seconds until every director has noticed."""

    drain: float
    notice: float


def drain_times() -> DrainTimes:
    """Read /etc/mariadb-ha/roll.env. Raises Failure when it is missing or wrong."""
    env = read_env("/etc/mariadb-ha/roll.env")
    try:
        return DrainTimes(float(env["DRAIN_TIMEOUT"]), float(env["DRAIN_NOTICE"]))
    except (KeyError, ValueError) as error:
        raise Failure(f"/etc/mariadb-ha/roll.env is incomplete: {error}", todo="deliver it again: pulumi up") from None


def is_real_server() -> bool:
    return at("/etc/mariadb-ha/realserver.env").exists()


def own_vip() -> Any:
    """The VIPs that this node may hold (watched_vip.WatchedVip); None where the cluster has none of its own."""
    return import_module("watched_vip").watched_vip() if at("/etc/mariadb-ha/vip.env").exists() else None


def sessions(port: int) -> int:
    """Established TCP sessions of clients with MariaDB's port, from /proc/net/tcp (proc(5)); those of this host itself
    are not counted.
    """
    try:
        lines = at("/proc/net/tcp").read_text().splitlines()[1:]
    except OSError:
        return 0
    found = 0
    for line in lines:
        words = line.split()
        local, remote = words[1].split(":"), words[2].split(":")
        if (
            words[3] == ESTABLISHED
            and int(local[1], 16) == port
            and remote[0] != local[0]
            and not address(remote[0]).startswith("127.")
        ):
            found += 1
    return found


def address(text: str) -> str:
    """An IPv4 address as /proc/net/tcp writes it: hexadecimal, in the host's byte order."""
    return socket.inet_ntoa(struct.pack("=I", int(text, 16)))


def take_out(config: Config, given: DrainTimes, *, others_serve: bool, settle: Callable[[], None]) -> None:
    """Draining: no new sessions come; established ones end by themselves, or `given.drain` seconds pass.

    `others_serve`: another real server takes new clients meanwhile. Where none does nothing is waited for: every second
        is one without service. `settle`: called once the flag is set; what it raises ends this, the flag still set.
    """
    vip = own_vip()
    holds = bool(vip and vip.held())
    if holds and others_serve:
        vip.hush()
    drain_flag.take_out("galera-roll")
    settle()
    if holds:
        give_up(vip, others_serve=others_serve)
    if not is_real_server() or not server_runs():
        say("taken out")
        return
    if not others_serve:
        say("taken out at once: no other real server takes clients")
        return
    say(f"draining: new sessions go elsewhere within {given.notice:g} s")
    pause(given.notice)
    deadline = Deadline(given.drain)
    while left := sessions(config.port):
        if deadline.over():
            say(f"{left} sessions have not ended after {given.drain:g} s: they will be cut")
            return
        deadline.note(f"waiting for {left} sessions to end")
        pause(0.5)
    say(f"no session left after {deadline.waited():.0f} s")


def give_up(vip: Any, *, others_serve: bool) -> None:
    """Wait until another node has the VIP. Raises Failure, the flag taken back, when none takes it: a change is no
    reason for an outage. Where no other node takes clients nothing is waited for.
    """
    if not others_serve:
        say("no other node takes clients: they are without the VIP while this one is out")
        return
    deadline = Deadline(TAKEN_OVER)
    while held := vip.held():
        if deadline.over():
            take_back()
            raise Failure(
                f"the VIP {', '.join(held)} is still here after {deadline.waited():.0f} s: nothing was touched",
                todo="see that mariadb-ha-vip-watch and keepalived run on both nodes (`hactl status`), then run again",
            )
        deadline.note("waiting until another node has the VIP")
        pause(0.1)
    vip.speak()  # it could take the VIP again, should this program be killed
    say("taken out: another node has the VIP")


def take_back() -> None:
    """End the draining, without a look at what follows."""
    if vip := own_vip():
        vip.speak()
    drain_flag.put_back()


def take_again(vip: Any) -> None:
    """Wait until this node could take the VIP: the next one that is taken out hands it over. Raises Failure."""
    deadline = Deadline(SERVING_TIMEOUT)
    while not vip.eligible:
        if deadline.over():
            raise Failure(
                f"the node serves, but may not hold the VIP after {deadline.waited():.0f} s: {vip.why}",
                todo="mend what it names",
            )
        deadline.note(f"waiting until it may hold the VIP: {vip.why}")
        pause(0.2)
    pause(0.5)  # keepalived leaves FAULT


def put_back(config: Config, given: DrainTimes) -> None:
    """Back in service: wait until the agent says so and every director has seen it.

    A node that has no VIP yet is made a real server later (realserver-in): nothing to wait for.
    """
    take_back()
    pause(0.5)  # the agent looks again when it is asked
    deadline = Deadline(SERVING_TIMEOUT)
    while True:
        status, words = own_answer(config.agent_port)
        if status == SERVE:
            break
        if "is not on lo" in words:
            say(f"not a real server yet: {words}")
            return
        if deadline.over():
            raise Failure(
                f"the node is Synced, but takes no clients after {deadline.waited():.0f} s: {words}",
                todo="mend what the agent names",
            )
        deadline.note(f"waiting for the health agent: {words}")
        pause(0.5)
    if is_real_server():
        pause(given.notice)
    if vip := own_vip():
        take_again(vip)
    say(f"back in service: {words}")
