"""The health agent's check of a DRBD host: it takes clients where the promoter has what it promotes in service."""

from __future__ import annotations

from typing import Any

from agent_http import REFUSE, SERVE
from health_check import Check, State, Verdict
from mha_common import read_env
from promoter_local import promoter_state


def make() -> DrbdCheck:
    return DrbdCheck(int(read_env("/etc/mariadb-ha/promoter.env")["PORT"]))


class DrbdCheck(Check):
    """Serving is one host's state: the one that holds the VIP, is Primary, and has everything on it started."""

    what = "the promoter"

    def __init__(self, port: int) -> None:
        self.port = port

    def look(self) -> dict[str, Any]:
        said = promoter_state(self.port)
        kept = ("active", "why", "role", "disk", "connection")
        return {"promoter": {key: said.get(key) for key in kept} if said else {}}

    def judge(self, state: State) -> Verdict:
        said = state["promoter"]
        if not said:
            return REFUSE, "the promoter does not answer"
        if said["active"]:
            return SERVE, "ok: Primary and in service"
        return REFUSE, f"stands by: {said['why']}" if said["active"] is False else f"not in service: {said['why']}"

    def when_late(self) -> dict[str, Any]:
        return {"promoter": {}}
