"""What is wrong with hosts by themselves: reach, units, clock, draining."""

from __future__ import annotations

import re

from ops.facts import HostFacts
from ops.inventory import HostEntry
from ops.problem import Problem
from ops.shell import DENIED

#: Clocks further apart than this are worth a word (seconds): logs and certificates stop making sense.
CLOCK_OFF = 1.0

_FOLLOWS = {
    "keepalived": ("this director can neither hold the VIP nor take it over", "systemctl start keepalived, and journalctl -u keepalived for why it ended"),
    "mariadb-ha-ipvs-sync": (
        "this director may not know the other's connections, and sessions break when it takes over",
        "systemctl start mariadb-ha-ipvs-sync, and journalctl -u mariadb-ha-ipvs-sync for why it is not",
    ),
    "mariadb": (
        "the cluster has one copy of the data less",
        "systemctl start mariadb (it joins by itself while another node is up), and journalctl -u mariadb for why it ended",
    ),
    "mariadb-ha-agent": ("health checks fail and LVS sends no clients here", "systemctl start mariadb-ha-agent"),
    "mariadb-ha-lvsdr": ("the real server drops what the directors forward to it", "systemctl start mariadb-ha-lvsdr"),
}


_REACH = "see that it has power and network; if its host key is refused although it was not replaced, do not go on: find out why"
_ADMIT = (
    "load the private half of one of ssh.authorized_keys into ssh-agent (a VM admits those that were set when it was made); "
    "with a stack of `make up` run that again, and `hactl inventory`"
)


#: How galera-roll signs its flag: with its boot and its process, which say nothing to people.
_ROLL = re.compile(r"(roll\b.*?),? boot=\S+ pid=\d+\s*$", re.DOTALL)


def _draining(host: str, reason: str, *, rolling: bool) -> Problem:
    """`reason`: the flag's text. A rolling change takes only its own flag away; `rolling`: it is at work now."""
    if (found := _ROLL.match(reason)) and rolling:
        return Problem(
            host=host,
            figure=f"draining ({found[1]}): a rolling change is at work on this node",
            follows="LVS sends no new clients here, the others carry its share, and no other node is changed before this one is back",
            todo="wait for its end (journalctl -t galera-roll there says what it waits for)",
        )
    if found:
        return Problem(
            host=host,
            figure=f"a rolling change was cut short here ({found[1]})",
            follows="the node takes clients as far as it can, with its earlier settings, its new ones, or with MariaDB stopped",
            todo="`pulumi up` again, or `hactl drift --repair`, finishes it",
            severity="warning",
        )
    return Problem(
        host=host,
        figure=f"draining ({reason or 'no reason given'})",
        follows="LVS sends no new clients here and the others carry its share",
        todo="when the work on it is done, remove /var/lib/mariadb-ha/draining there",
    )


def _silent(entry: HostEntry, facts: HostFacts) -> Problem:
    """A host that gave no facts. One that is slow, or whose answer cannot be used, is unknown and not bad."""
    host = facts.host
    if facts.silence == "slow":
        return Problem(
            host=host,
            figure=f"slow to answer over SSH at {entry.address} ({facts.error})",
            follows="its state is unknown; it may be serving clients all the same",
            todo="ask again; if it stays, see there what keeps it busy (uptime, dmesg), or why its DNS or PAM delays logins",
            severity="unknown",
        )
    if facts.silence == "mute":
        return Problem(
            host=host,
            figure=f"it was reached at {entry.address}, and what it says of itself cannot be used ({facts.error})",
            follows="its state is unknown; it may be serving clients all the same",
            todo="`pulumi up` (or `make up`) delivers the host's programs again",
            severity="unknown",
        )
    lost = " and ".join(
        words for role, words in (("director", "the directors have no redundancy"), ("galera", "a Galera node is out of sight")) if entry.has(role)
    )
    if facts.silence == "bare":
        return Problem(
            host=host,
            figure=f"it lets us in at {entry.address} and is not set up yet ({facts.error})",
            follows=lost or "nothing of the stack runs there",
            todo="wait for the end of its first boot, or of the `up` that sets it up; if none is running, run it",
        )
    return Problem(
        host=host,
        figure=f"unreachable over SSH at {entry.address} ({facts.error})",
        follows=lost or "its state is unknown",
        todo=_ADMIT if DENIED in facts.error else _REACH,
    )


def judge_host(entry: HostEntry, facts: HostFacts) -> list[Problem]:
    """Findings about one host, its neighbours aside."""
    host = facts.host
    if not facts.reached:
        return [_silent(entry, facts)]
    found = [
        Problem(host=host, figure=f"{unit} is {state}", follows=_FOLLOWS[unit][0], todo=_FOLLOWS[unit][1])
        for unit, state in facts.units.items()
        if state != "active"
    ]
    if facts.not_in_force and facts.units.get("mariadb") == "active":
        found.append(
            Problem(
                host=host,
                figure=f"its running server has not read its configuration as it is now ({', '.join(facts.not_in_force)})",
                follows="MariaDB still runs with the settings of its last start",
                todo="`pulumi up` restarts the nodes that need it, one after the other; what was changed by hand: `hactl drift`",
                severity="warning",
            )
        )
    if facts.draining is not None:
        found.append(_draining(host, facts.draining, rolling=facts.rolling))
    if facts.clock.off_s > CLOCK_OFF:
        found.append(
            Problem(
                host=host,
                figure=f"clock at least {facts.clock.off_s:.1f} s off this machine's",
                follows="logs of different hosts cannot be put in order",
                todo="chronyc sources on that host, and the clock here",
                severity="warning",
            )
        )
    elif facts.clock.synced is False:
        found.append(
            Problem(
                host=host,
                figure="chrony has no time source",
                follows="the clock will drift",
                todo="see that the servers in network.ntp answer (chronyc sources)",
                severity="warning",
            )
        )
    return found
