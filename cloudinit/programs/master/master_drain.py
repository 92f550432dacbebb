"""Taking this server out of service for a change, and putting it back: the flag that the promoter and the health agent honour."""

from __future__ import annotations

import os

from master_state import Config
from mha_common import Deadline, Failure, at, boot_id, pause, say, write_atomically
from promoter_local import promoter_state

DRAINING = "/var/lib/mariadb-ha/draining"
#: Seconds until the other server has taken over, and until this one may take over again.
TAKEN_OVER, BACK = 120.0, 900.0
PROMOTER_ENV = "/etc/mariadb-ha/promoter.env"


def promoter_port() -> int:
    """0 where the pair has no VIP of its own, or the promoter was never delivered."""
    from mha_common import read_env

    return int(read_env(PROMOTER_ENV).get("PORT", "0")) if at(PROMOTER_ENV).exists() else 0


def take_out(config: Config) -> None:
    """Let the other server take over. Raises Failure, the flag taken back, when it does not: a change is no reason for an outage."""
    port = promoter_port()
    said = promoter_state(port) if port else {}
    write_atomically(at(DRAINING), f"roll: a change of the configuration, boot={boot_id()} pid={os.getpid()}\n")
    if not said.get("active"):
        return
    deadline = Deadline(TAKEN_OVER)
    while (said := promoter_state(port)) and (said["active"] or said["vip"]):
        if deadline.over():
            at(DRAINING).unlink(missing_ok=True)
            raise Failure(f"{config.peer or 'nobody'} has not taken over after {deadline.waited():.0f} s: {said['why']}", todo="bring the other server back, then run again")
        deadline.note("waiting until the other server has the VIP")
        pause(0.2)
    say(f"taken out: {config.peer} takes writes")


def put_back(config: Config) -> None:
    """End this program's own draining; anybody else's stays."""
    flag = at(DRAINING)
    if flag.exists() and flag.read_text(errors="replace").startswith("roll"):
        flag.unlink(missing_ok=True)
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
            raise Failure(f"not eligible after {deadline.waited():.0f} s: {said['ineligible']}", todo="mend what it names, then run again")
        deadline.note(f"waiting: {said['ineligible']}")
        pause(0.5)
