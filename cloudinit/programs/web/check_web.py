"""The health agent's check of a host of a web pair: nginx answers, and only one of the two has the VIP."""

from __future__ import annotations

import http.client
import os
import threading
import time
import traceback
from typing import Any

from agent_http import REFUSE, SERVE, agent_port
from health_check import Check, State, Verdict
from web_state import Config, holds_vip, load_config, nginx_trouble, page_status, peer_holds

#: Seconds for nginx, and for the page (an upstream may be slow).
NGINX, PAGE = 0.5, 2.0
#: Seconds for the other host's agent, between two questions, and for which an answer holds.
PEER, PERIOD, HOLDS = 2.0, 1.0, 5.0


def make() -> WebCheck:
    check = WebCheck(load_config())
    threading.Thread(target=check.peer.work, daemon=True, name="peer").start()
    return check


class Peer:
    """Asks the other host whether it has the VIP, as long as this one has it, in a thread of its own: a host that is
    silent must not make this one late.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.seen: tuple[float, bool | None] = (float("-inf"), None)

    def work(self) -> None:
        try:
            while True:
                self.ask()
                time.sleep(PERIOD)
        except BaseException:
            traceback.print_exc()
            os._exit(1)  # systemd starts the agent again

    def ask(self) -> None:
        holds = holds_vip(self.config)
        said = peer_holds(self.config, agent_port(), timeout=PEER) if holds else None
        self.seen = time.monotonic(), said

    def holds(self) -> bool | None:
        """What was heard last; None where that is nothing, or too old."""
        at, said = self.seen
        return said if time.monotonic() - at <= HOLDS else None


class WebCheck(Check):
    """Says for everybody whether this host has the VIP: the other one reads it there."""

    what = "nginx"

    def __init__(self, config: Config) -> None:
        self.config = config
        self.peer = Peer(config)

    def look(self) -> dict[str, Any]:
        trouble, page = "", None
        try:
            trouble = nginx_trouble(self.config, timeout=NGINX)
        except TimeoutError:
            trouble = f"no answer in {NGINX:g} s"
        if not trouble:
            try:
                page = page_status(self.config, timeout=PAGE)
            except (OSError, http.client.HTTPException):
                page = None
        return {"nginx": trouble, "page": page, "peer_vip": self.peer.holds(), **self.kept()}

    def judge(self, state: State) -> Verdict:
        where = "holds the VIP" if state["vip"] else "stands by"
        if state["vip"] and state["peer_vip"]:
            return REFUSE, f"both hold the VIP: {self.config.peer} has it too, VRRP does not reach one of the two"
        if state["nginx"]:
            return REFUSE, f"nginx does not answer: {state['nginx']}; {where}"
        if state["page"] is None or state["page"] >= 500:
            return REFUSE, f"the page answers with {state['page'] or 'nothing'}; {where}"
        return SERVE, f"ok: nginx answers; {where}"

    def kept(self) -> dict[str, Any]:
        return {"vip": holds_vip(self.config)}

    def when_late(self) -> dict[str, Any]:
        return {"nginx": "no answer in time", "page": None, "peer_vip": self.peer.holds()}
