"""The health agent's check of a host of a web pair: nginx answers, and only one of the two has the VIP."""

from __future__ import annotations

import http.client
from typing import Any

from agent_http import REFUSE, SERVE, agent_port
from health_check import Check, State, Verdict
from web_state import Config, holds_vip, load_config, nginx_trouble, page_status, peer_holds

#: Seconds for nginx, for the page (an upstream may be slow), and for the other host's agent.
NGINX, PAGE, PEER = 0.5, 2.0, 0.5


def make() -> WebCheck:
    return WebCheck(load_config())


class WebCheck(Check):
    """Says for everybody whether this host has the VIP: the other one reads it there."""

    what = "nginx"

    def __init__(self, config: Config) -> None:
        self.config = config

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
        holds = holds_vip(self.config)
        other = peer_holds(self.config, agent_port(), timeout=PEER) if holds else None
        return {"nginx": trouble, "page": page, "vip": holds, "peer_vip": other}

    def judge(self, state: State) -> Verdict:
        where = "holds the VIP" if state["vip"] else "stands by"
        if state["vip"] and state["peer_vip"]:
            return REFUSE, f"both hold the VIP: {self.config.peer} has it too, VRRP does not reach one of the two"
        if state["nginx"]:
            return REFUSE, f"nginx does not answer: {state['nginx']}; {where}"
        if state["page"] is None or state["page"] >= 500:
            return REFUSE, f"the page answers with {state['page'] or 'nothing'}; {where}"
        return SERVE, f"ok: nginx answers; {where}"

    def when_late(self) -> dict[str, Any]:
        return {"nginx": "no answer in time", "page": None, "vip": holds_vip(self.config), "peer_vip": None}
