"""Taking this server out of service for a change, and putting it back: the flag that the promoter and the health
agent honour.
"""

from __future__ import annotations

import drain_flag
from master_state import Config
from mha_common import Deadline, Failure, at, pause, read_env, say
from promoter_local import promoter_state

#: Seconds until the other server has taken over, and until this one may take over again.
TAKEN_OVER, BACK = 120.0, 900.0
PROMOTER_ENV = "/etc/mariadb-ha/promoter.env"


def promoter_port() -> int:
    """0 where the pair has no VIP of its own, or the promoter was never delivered."""
    return int(read_env(PROMOTER_ENV).get("PORT", "0")) if at(PROMOTER_ENV).exists() else 0


def take_out(config: Config, who: str = "master-up") -> None:
    """Let the other server take over. `who`: the program. Raises Failure, the flag taken back, when it does not: a
    change is no reason for an outage.
    """
    port = promoter_port()
    said = promoter_state(port) if port else {}
    drain_flag.take_out(who)
    if not said.get("active"):
        return
    deadline = Deadline(TAKEN_OVER)
    while (said := promoter_state(port)) and (said["active"] or said["vip"]):
        if deadline.over():
            drain_flag.put_back()
            raise Failure(
                f"{config.peer or 'nobody'} has not taken over after {deadline.waited():.0f} s: {said['why']}",
                todo="bring the other server back, then run again",
            )
        deadline.note("waiting until the other server has the VIP")
        pause(0.2)
    say(f"taken out: {config.peer} takes writes")


def put_back(config: Config) -> None:
    """End this program's own draining; anybody else's stays."""
    flag = drain_flag.read_flag()
    if flag and flag.roll:
        drain_flag.put_back()
        say("put back")
    port = promoter_port()
    if not port or not config.peer:
        return
    deadline = Deadline(BACK)
    while (said := promoter_state(port)) and not said["eligible"]:
        if said.get("needs_person"):
            say(f"this server is no stand-by: {said['ineligible']}")
            return
        if deadline.over():
            raise Failure(
                f"not eligible after {deadline.waited():.0f} s: {said['ineligible']}",
                todo="mend what it names, then run again",
            )
        deadline.note(f"waiting: {said['ineligible']}")
        pause(0.5)
