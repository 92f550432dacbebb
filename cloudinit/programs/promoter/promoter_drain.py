"""Taking this host out of service for a change, and putting it back: the flag that the promoter and the health agent
honour.
"""

from __future__ import annotations

import drain_flag
from mha_common import Deadline, Failure, at, pause, read_env, say
from promoter_local import promoter_state

#: Seconds until the other host has taken over, and until this one may take over again.
TAKEN_OVER, BACK = 120.0, 900.0
PROMOTER_ENV = "/etc/mariadb-ha/promoter.env"


def promoter_port() -> int:
    """0 where there is no VIP of its own, or the promoter was never delivered."""
    return int(read_env(PROMOTER_ENV).get("PORT", "0")) if at(PROMOTER_ENV).exists() else 0


def take_out(peer: str, program: str) -> None:
    """Let the other host take over. Raises Failure, the flag taken back, when it does not: a change is no reason for an
    outage.
    """
    port = promoter_port()
    said = promoter_state(port) if port else {}
    if said.get("active") and said.get("peer_eligible") is False:
        raise Failure(
            f"{peer or 'nobody'} cannot take over now, and this host serves: nothing was changed",
            todo="`hactl status` says why; bring the other host back, then run again",
        )
    drain_flag.take_out(program)
    if not said.get("active"):
        return
    deadline = Deadline(TAKEN_OVER)
    while (said := promoter_state(port)) and (said["active"] or said["vip"]):
        if deadline.over():
            drain_flag.put_back()
            raise Failure(
                f"{peer or 'nobody'} has not taken over after {deadline.waited():.0f} s: {said['why']}",
                todo="bring the other server back, then run again",
            )
        deadline.note("waiting until the other server has the VIP")
        pause(0.2)
    say(f"taken out: {peer} takes writes")


def put_back(peer: str) -> None:
    """End this program's own draining; anybody else's stays. Where there was one, wait until this host may take over
    again."""
    if not drain_flag.end_roll():
        return
    port = promoter_port()
    if not port or not peer:
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
