"""A database server that was taken out of service: its flag, and whose hand laid it."""

from __future__ import annotations

import re

from ops.status.finding import Finding

#: Its presence takes the host out of service; its text is the reason.
FLAG = "/var/lib/mariadb-ha/draining"
#: How galera-roll signs its flag: with its boot and its process, which say nothing to people.
_ROLL = re.compile(r"(roll\b.*?),? boot=\S+ pid=\d+\s*$", re.DOTALL)
#: A bash condition that is true while the flag is a rolling change's.
ROLL_IS_OPEN = f"[ -r {FLAG} ] && [[ $(<{FLAG}) =~ ^roll.*[[:space:]]pid=[0-9]+ ]]"


def drain_finding(host: str, reason: str, *, rolling: bool) -> Finding:
    """`reason`: the flag's text. A rolling change takes only its own flag away; `rolling`: it is at work now."""
    if (found := _ROLL.match(reason)) and rolling:
        return Finding(
            host=host,
            what=f"draining ({found[1]}): a rolling change is at work on this node",
            follows="LVS sends no new clients here, the others carry its share, and no other node is changed before"
            " this one is back",
            todo="wait for its end (journalctl -t galera-roll there says what it waits for)",
        )
    if found:
        return Finding(
            host=host,
            what=f"a rolling change was cut short here ({found[1]})",
            follows="the node takes clients as far as it can, with its earlier settings, its new ones, or with"
            " MariaDB stopped",
            todo="`pulumi up` again, or `hactl drift --repair`, finishes it",
            severity="warning",
        )
    return Finding(
        host=host,
        what=f"draining ({reason or 'no reason given'})",
        follows="LVS sends no new clients here and the others carry its share",
        todo=f"when the work on it is done, remove {FLAG} there",
    )
