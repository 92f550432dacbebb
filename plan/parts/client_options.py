"""Advice for applications: how a pool has to be set so that it survives what the stack promises."""

from __future__ import annotations

import math
from typing import Any

from plan.model import Plan

#: Seconds in which a server in the same network takes a session, or never will.
CONNECT = 2
#: Seconds between two tries.
PAUSE = 0.2
#: Seconds beyond the longest promised gap: what a slow machine, or two faults one after the other, add.
MARGIN = 5
#: Seconds after which an idle session is made anew: a third of the 900 s after which IPVS, left alone, forgets one.
RECYCLE = 300


def client_options(plan: Plan) -> dict[str, Any]:
    """For clients that write; empty where there are none.

    `connect_timeout_s`, `read_timeout_s`: for each session; a session whose server lost power never gets an answer, so
    a read timeout bounds what a client waits beyond the gap. `retry_for_s`, `retry_pause_s`: how long a statement that
    may be sent again is sent again. `pool_recycle_s`: the age at which a session is made anew. `pool_pre_ping`: a
    session is asked before it is used.
    """
    if "writer" not in plan.endpoints:
        return {}
    longest = max(plan.promises.values(), default=0.0)
    return {
        "connect_timeout_s": CONNECT,
        "read_timeout_s": max(CONNECT, math.ceil(longest)),
        "retry_for_s": math.ceil(longest) + MARGIN,
        "retry_pause_s": PAUSE,
        "pool_recycle_s": RECYCLE,
        "pool_pre_ping": True,
    }
