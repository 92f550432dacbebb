"""What was measured of a stack that nobody touched: does this machine keep up with the profile's timers, and which profile would hold?"""

from __future__ import annotations

from dataclasses import dataclass, field

from ops.facts import HostFacts
from ops.status import Status
from settings.timers import PROFILES, Values

#: From the quickest to the most patient.
ORDER = ("lan", "seed", "wan")
#: A timer must be so many times the longest delay that was seen: a few looks do not see the longest.
ROOM = 1.5


def _weights(facts: HostFacts) -> frozenset[tuple[str, int, str]]:
    """The real servers that a director sends clients to, by virtual service."""
    return frozenset((service.host, service.port, server.address) for service in facts.ipvs or () for server in service.servers if server.weight > 0)


def removal(timers: Values) -> float:
    """Seconds of failing checks until keepalived removes a real server."""
    return (timers.retry + 1) * timers.connect_timeout + timers.retry * timers.delay_before_retry


@dataclass
class Measured:
    """Counts over several looks. `longest`: the health agents' latest answer, in seconds, asked on the host itself."""

    looks: int = 0
    answers: int = 0
    late: int = 0
    longest: float = 0.0
    moved: int = 0
    views: int = 0
    slow: set[str] = field(default_factory=set)
    _tables: dict[str, frozenset[tuple[str, int, str]]] = field(default_factory=dict)
    _view: float | None = None

    def add(self, status: Status, timers: Values) -> None:
        """One look."""
        self.looks += 1
        views = []
        for host, facts in status.facts.items():
            if facts.silence == "slow" and not facts.reached:
                self.slow.add(host)
            if facts.ipvs is not None:
                table = _weights(facts)
                self.moved += len(table ^ self._tables.get(host, table))
                self._tables[host] = table
            if facts.agent is not None and facts.agent.status:
                self.answers += 1
                self.longest = max(self.longest, facts.agent.seconds)
                self.late += facts.agent.seconds > timers.connect_timeout
            if facts.wsrep is not None and not facts.wsrep.error:
                views.append(facts.wsrep.number("cluster_conf_id"))
        if views:
            view = max(views)
            self.views += self._view is not None and view != self._view
            self._view = view

    @property
    def unsteady(self) -> bool:
        """True when the machine, not a fault, may be what keeps the stack from being healthy."""
        return bool(self.late or self.moved > self.looks // 2 or self.views > 1 or self.slow)

    def words(self, timers: Values) -> str:
        """What was measured, in a line."""
        said = [
            f"real servers came or went {self.moved} times in the IPVS tables",
            f"{self.late} of {self.answers} answers of the health agents took longer than connect_timeout ({timers.connect_timeout:g} s), "
            f"the longest {self.longest:.1f} s",
            f"Galera's view changed {self.views} times",
        ]
        if self.slow:
            said.append(f"slow to answer over SSH: {', '.join(sorted(self.slow))}")
        return f"in {self.looks} looks, while nobody touched anything: {'; '.join(said)}"


def holds(values: Values, now: Values, seen: Measured) -> bool:
    """Whether these timers would have borne what was seen under the timers `now`."""
    if values.connect_timeout < ROOM * seen.longest:
        return False
    if seen.views and values.suspect_timeout <= now.suspect_timeout:
        return False
    return not seen.moved or removal(values) > removal(now)


def advice(profile: str, now: Values, seen: Measured) -> str:
    """Which profile would hold, in words."""
    fit = [name for name in ORDER if name != profile and holds(PROFILES[name], now, seen)]  # type: ignore[index]
    if fit:
        values = PROFILES[fit[0]]  # type: ignore[index]
        return (
            f"by these figures timers.profile: {fit[0]} would hold (connect_timeout {values.connect_timeout:g} s, a real server is removed after "
            f"{removal(values):g} s, evs.suspect_timeout {values.suspect_timeout:g} s); it notices faults that much later"
        )
    return "by these figures no profile of timers.profile would hold: give the machine fewer guests or more processors"
