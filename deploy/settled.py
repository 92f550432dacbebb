"""The end of `make up`: waiting until the stack says of itself that it is healthy, as `hactl status` judges it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from deploy.errors import DeployError
from deploy.too_slow import Measured, verdict
from ops.inventory import Inventory
from ops.kinds.galera.wsrep import Wsrep
from ops.roles.agent import Agent
from ops.roles.ipvs import Ipvs
from ops.status.look import Status
from settings.timers import Values

#: Bounds in seconds: for a stack whose findings come and go, and for findings that do not change at all.
LONGEST, STILL = 1800.0, 300.0
#: Pause between two looks (s), and longest silence before what is awaited is said again.
PAUSE, SAY_AGAIN = 5.0, 30.0


@dataclass
class Seen:
    """What the looks saw so far."""

    measured: Measured = field(default_factory=Measured)
    findings: frozenset[tuple[str, str]] = frozenset()
    changed_at: float = 0.0
    views: str = ""
    serving: frozenset[tuple[str, str]] | None = None


def findings(looked: Status) -> list[str]:
    """What keeps the stack from being healthy, a line each."""
    return [finding.line() for finding in looked.findings if finding.severity != "warning"]


def by_hand(looked: Status) -> bool:
    """True when all that is wrong are nodes that somebody took out of service: no waiting changes that."""
    drained = {
        host
        for host, facts in looked.facts.items()
        if facts.draining is not None and not facts.draining.startswith("roll")
    }
    wrong = [finding for finding in looked.findings if finding.severity != "warning"]
    return bool(wrong) and all(finding.host in drained and finding.what.startswith("draining") for finding in wrong)


def note(seen: Seen, looked: Status, now: float) -> None:
    """What this look adds: findings that changed, views and real servers that came and went, slow answers."""
    wrong = frozenset((f.host, f.what) for f in looked.findings if f.severity != "warning")
    if wrong != seen.findings:
        seen.findings, seen.changed_at = wrong, now
    figures = [w for facts in looked.facts.values() if (w := facts.part(Wsrep)) and not w.error]
    view = max((w.text("cluster_conf_id") for w in figures), key=lambda text: (len(text), text), default="")
    if view and seen.views and view != seen.views:
        seen.measured.view_changes += 1
    seen.views = view or seen.views
    for w in figures:
        latencies = w.text("evs_repl_latency").split("/")
        if len(latencies) >= 3:
            seen.measured.group_s = max(seen.measured.group_s, float(latencies[2]))
    for facts in looked.facts.values():
        if (agent := facts.part(Agent)) and agent.status:
            seen.measured.agent_s = max(seen.measured.agent_s, agent.seconds)
    seen.measured.slow_hosts |= {host for host, facts in looked.facts.items() if facts.unknown}
    said = {host: facts.part(Ipvs) for host, facts in looked.facts.items()}
    tables = {host: found.services for host, found in said.items() if found and found.services is not None}
    serving = frozenset(
        (host, r.address) for host, table in tables.items() for s in table for r in s.servers if r.weight > 0
    )
    if seen.serving is not None and tables:
        seen.measured.ejections += len(seen.serving - serving)
    seen.serving = serving if tables else seen.serving


def wait_until_healthy(
    inventory: Inventory,
    look: Callable[[], Status],
    *,
    profile: str,
    timers: Values,
    profiles: Mapping[str, Values],
    say: Callable[[str], None],
    twice: bool,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> float:
    """Seconds until the stack is healthy.

    `twice`: something was just made, so a second look has to agree, two rounds of checks later.

    Raises:
        DeployError: what is wrong and does not change; or that the machine is too slow for the timers, with what was
            measured.
    """
    start = clock()
    seen, said, said_at, good = Seen(changed_at=start), "", start, 0
    while True:
        looked = look()
        now = clock()
        note(seen, looked, now)
        wrong = findings(looked)
        good = good + 1 if not wrong else 0
        if good >= (2 if twice else 1):
            if looked.findings:  # warnings: a VIP that flaps, say. They hold nothing up, and are to be seen
                say("healthy; worth a look:\n" + "\n".join(f"  {finding.line()}" for finding in looked.findings))
            return now - start
        if by_hand(looked):
            say(
                "done; not healthy, because somebody took a node out of service:\n"
                + "\n".join(f"  {line}" for line in wrong)
            )
            return now - start
        if wrong and now - seen.changed_at > STILL:
            lines = "\n".join(f"  {line}" for line in wrong)
            raise DeployError(
                f"the steps are done, and the stack is not healthy; nothing of this has changed for {STILL:.0f} "
                f"s:\n{lines}"
            )
        if now - start > LONGEST:
            words = "; ".join(wrong) or "nothing at the last look"
            told = verdict(seen.measured, profile=profile, timers=timers, profiles=profiles)
            raise DeployError(
                f"the steps are done, and the stack was not healthy for long in {LONGEST:.0f} s. {told}\nSeen last: "
                f"{words}"
            )
        if wrong and (wrong[0] != said or now - said_at > SAY_AGAIN):
            more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            say(f"waiting until stack {inventory.stack} is healthy: {wrong[0]}{more}")
            said, said_at = wrong[0], now
        sleep(PAUSE if wrong else min(max(2 * timers.checks.delay_loop, 2.0), 15.0))
