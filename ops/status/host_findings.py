"""What is wrong with hosts by themselves: reach, units, clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ops.component import Unit
from ops.hosts.facts import HostFacts
from ops.hosts.shell import DENIED
from ops.inventory import HostEntry
from ops.status.finding import Finding
from ops.status.firewall_findings import firewall_findings
from ops.status.memory_findings import memory_findings

#: Clocks further apart than this are worth a word (seconds): logs and certificates stop making sense.
CLOCK_OFF = 1.0

#: Share of a volume in use from which it is worth a word, and from which it is a problem.
FILLING, FULL = 0.85, 0.97

_REACH = (
    "see that it has power and network; if its host key is refused although it was not replaced, do not go on:"
    " find out why"
)
_ADMIT = (
    "load the private half of one of ssh.authorized_keys into ssh-agent (a VM admits those that were set when it was"
    " made); "
    "with a stack of `make up` run that again, and `hactl inventory`"
)


def not_reached(entry: HostEntry, facts: HostFacts, *, lost: Sequence[str]) -> Finding:
    """A host that gave no facts. `lost`: what follows, in the words of its components."""
    if facts.unknown:
        return Finding(
            host=facts.host,
            what=f"slow to answer over SSH at {entry.address} ({facts.error})",
            follows="its state could not be had: it may well serve",
            todo="ask again; if it stays, see at its console what keeps it busy",
            severity="unknown",
        )
    return Finding(
        host=facts.host,
        what=f"unreachable over SSH at {entry.address} ({facts.error})",
        follows=" and ".join(lost) or "its state is unknown",
        todo=_ADMIT if DENIED in facts.error else _REACH,
    )


def volume_findings(facts: HostFacts) -> list[Finding]:
    """Volumes that fill up, or are full."""
    return [
        Finding(
            host=facts.host,
            what=f"{point} is {int(volume.used * 100)} % full ({volume.free_mib} of {volume.size_mib} MiB left)",
            follows="a server whose volume is full aborts at its next write, and cannot be started again"
            if volume.used >= FULL
            else "when it is full, the server that writes there aborts",
            todo="find what takes the space there (`du -xh --max-depth=2`), or make the volume larger; never delete"
            " files of MariaDB's by hand",
            severity="problem" if volume.used >= FULL else "warning",
        )
        for point, volume in sorted(facts.volumes.items())
        if volume.used >= FILLING
    ]


def host_findings(facts: HostFacts, units: Mapping[str, Unit]) -> list[Finding]:
    """Findings about one host that was reached. `units`: those that must be active, by name."""
    host = facts.host
    found = [
        Finding(
            host=host,
            what=f"{part} of host-facts failed ({words})",
            follows="a part of its state could not be had",
            todo="deliver its files again (`pulumi up`); if it stays, run /usr/local/lib/mariadb-ha/host-facts there",
            severity="unknown",
        )
        for part, words in facts.failed.items()
    ]
    found += volume_findings(facts) + memory_findings(facts) + firewall_findings(facts)
    full = [point for point, volume in facts.volumes.items() if volume.used >= FULL]
    first = f"free space on {' and '.join(full)} first; then " if full else ""
    found += [
        Finding(host=host, what=f"{name} is {state}", follows=units[name].follows, todo=first + units[name].todo)
        for name, state in facts.units.items()
        if state != "active"
    ]
    if facts.clock.off_s > CLOCK_OFF:
        found.append(
            Finding(
                host=host,
                what=f"clock at least {facts.clock.off_s:.1f} s off this machine's",
                follows="logs of different hosts cannot be put in order",
                todo="chronyc sources on that host, and the clock here",
                severity="warning",
            )
        )
    elif facts.clock.synced is False:
        found.append(
            Finding(
                host=host,
                what="chrony has no time source",
                follows="the clock will drift",
                todo="see that the servers in network.ntp answer (chronyc sources)",
                severity="warning",
            )
        )
    return found
