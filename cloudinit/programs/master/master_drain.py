"""Taking this server out of service for a change, and putting it back: the flag that the promoter and the health
agent honour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import drain_flag
from agent_http import SERVE, agent_port, own_answer
from master_peer import state_of
from master_state import Config
from mha_common import Deadline, Failure, at, must, pause, say
from roll_order import took_out

#: Seconds until this server is closed, and until it is open again.
CLOSED_AFTER, BACK = 120.0, 900.0
#: Seconds that a change of the other server may take.
OTHERS_ROLL = 600.0
#: Behind directors: what ends read_only, and its words.
WATCH_UNIT, CLOSED = "mariadb-ha-master-watch.service", "/run/mariadb-ha/master.closed"
PROMOTER_ENV = "/etc/mariadb-ha/promoter.env"


def promoter_said() -> dict[str, Any]:
    """What this host's promoter says; empty where the pair has no VIP of its own, or it does not answer."""
    if not at(PROMOTER_ENV).exists():
        return {}
    from promoter_drain import promoter_port
    from promoter_local import promoter_state

    return promoter_state(promoter_port())


def take_out(config: Config, who: str = "master-up") -> None:
    """Let the other server take over. `who`: the program. Raises Failure, the flag taken back, when it does not: a
    change is no reason for an outage.
    """
    if not config.own_vip:
        leave(config)
        return
    import promoter_drain

    promoter_drain.take_out(config.peer, who)


def leave(config: Config) -> None:
    """Behind directors: they send clients to the other server, where that one takes them. Of two that leave at once
    one waits until the other is back.
    """
    if own_answer(agent_port())[0] != SERVE:
        return
    while True:
        if other(config).get("rolling"):
            others_end(config)
        if not takes_over(other(config)):
            raise Failure(
                f"{config.peer} takes no clients, and this server has to be taken out for a change",
                todo="bring the other server back, then run again",
            )
        if not config.peer:
            drain_flag.take_out("master-up")
            break
        order = tuple(sorted((config.host, config.peer)))
        if took_out("master-up", config.host, order, lambda: {config.peer: other(config)}):
            break
    deadline = Deadline(CLOSED_AFTER)
    while own_answer(agent_port())[0] == SERVE or not takes_over(other(config)):
        if deadline.over():
            drain_flag.put_back()
            raise Failure(
                f"its health agent still sends clients here after {deadline.waited():.0f} s, or {config.peer} takes "
                "none",
                todo="`journalctl -u mariadb-ha-master-watch` on both, then run again",
            )
        deadline.note(f"waiting until this server is closed, and {config.peer or 'nobody'} takes clients")
        pause(0.2)
    say(f"taken out: {config.peer or 'nobody'} takes clients")


def other(config: Config) -> Mapping[str, Any]:
    """What the other server's agent sees; nothing without an answer."""
    return (state_of(config.peer_address) or {}) if config.peer else {"status": SERVE}


def takes_over(peer: Mapping[str, Any]) -> bool:
    return peer.get("status") == SERVE or bool(peer.get("stands_by"))


def others_end(config: Config) -> None:
    """Until the change of the other server is done, this one in service. Raises Failure: it takes too long."""
    deadline = Deadline(OTHERS_ROLL)
    while not takes_over(said := other(config)) or said.get("rolling"):
        if deadline.over():
            raise Failure(
                f"{config.peer} is out of service for more than {deadline.waited():.0f} s: nothing was touched here",
                todo=f"see what it waits for, on {config.peer}: journalctl -t master-up",
            )
        deadline.note(f"a change is at work on {config.peer}: waiting for its end")
        pause(1)


def wait_open(config: Config) -> None:
    """Behind directors: until this server takes writes again, as far as that can come by itself."""
    must(["systemctl", "start", WATCH_UNIT], todo=f"`journalctl -u {WATCH_UNIT}`")
    deadline = Deadline(BACK)
    while True:
        mine = state_of("127.0.0.1") or {}
        theirs = (state_of(config.peer_address) or {}) if config.peer else {"running": True}
        if mine.get("running") and not mine.get("read_only"):
            return
        why = read_text(CLOSED) or "it has not been looked at yet"
        if mine.get("running") and (mine.get("replication") or not theirs.get("running")):
            say(f"read_only stays ON: {why}")
            return
        if deadline.over():
            raise Failure(f"read_only is ON after {deadline.waited():.0f} s: {why}", todo="mend what it names")
        deadline.note(f"waiting: {why}")
        pause(0.5)


def read_text(path: str) -> str:
    return at(path).read_text().strip() if at(path).exists() else ""


def put_back(config: Config) -> None:
    """End this program's own draining; anybody else's stays."""
    if not config.own_vip:
        drain_flag.end_roll()
        wait_open(config)
        return
    import promoter_drain

    promoter_drain.put_back(config.peer)
