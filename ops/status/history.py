"""How often VIPs changed hands and servers went out of service in the last hour: a stack that looks well at this second
may flap. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ops.hosts.facts import HostFacts
from ops.hosts.history import SPAN, Change
from ops.inventory import Inventory
from ops.status.finding import Finding

#: From so many changes in an hour on something flaps. A rolling change, or a drill, moves a VIP there and back (2) and
#: takes a server out once.
VIP_FLAPS, SERVER_FLAPS = 5, 4
#: Less than this (s) is lost by a journal's rotation between two questions: the hour is known.
NEARLY = 10.0


@dataclass(frozen=True, kw_only=True)
class Changes:
    """`times` in the last `known_s` seconds, the last one `last_s` ago, with `words` on it. `whole`: that is all;
    else there may have been more."""

    times: int
    known_s: float
    whole: bool
    last_s: float | None = None
    words: str = ""

    @property
    def when(self) -> str:
        """The time that it tells of, in words. Where its own journal tells nothing others told what there is."""
        hour = self.known_s >= SPAN - NEARLY or not self.known_s
        return "the last hour" if hour else f"the last {ago(self.known_s)}"

    def count(self) -> str:
        """For a table."""
        if not self.times and not self.known_s:
            return "not known"
        words = f"{self.times}" if self.whole else f"at least {self.times}"
        return words if self.when == "the last hour" else f"{words} in {self.when}"

    def last(self) -> str:
        """For a table."""
        return "–" if self.last_s is None else f"{ago(self.last_s)} ago: {self.words}"

    def as_json(self) -> dict[str, object]:
        """For `--json`; times in seconds."""
        return {
            "times": self.times,
            "last_s": self.last_s,
            "words": self.words,
            "known_s": self.known_s,
            "whole": self.whole,
        }


def ago(seconds: float) -> str:
    """A length of time, short."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _changes(facts: HostFacts) -> tuple[Change, ...]:
    return facts.history.changes if facts.history else ()


def _known(facts: Iterable[HostFacts]) -> tuple[float, bool]:
    """The time that all of these hosts' journals tell of, and whether they tell all of it."""
    found = [one.history for one in facts]
    known = [history.known_s if history else 0.0 for history in found]
    return min(known, default=0.0), all(history and not history.cut and not history.error for history in found)


def vip_changes(facts: Mapping[str, HostFacts]) -> dict[str, Changes]:
    """By VIP. Each entry into MASTER counts: also where a host takes back what nobody else took."""
    found = {}
    links = [(host, link) for host, one in facts.items() for link in one.links]
    for vip in dict.fromkeys(vip for _, link in links for vip in link.vips):
        instances = {host: link.instance for host, link in links if vip in link.vips}
        taken = sorted(
            (change.age_s, host)
            for host, instance in instances.items()
            for change in _changes(facts[host])
            if change.kind == "vrrp" and change.name == instance and change.state == "MASTER"
        )
        known, whole = _known(facts[host] for host in instances)
        # Another holder may be among those that were not reached.
        whole = whole and all(one.reached for one in facts.values())
        last_s, host = taken[0] if taken else (None, "")
        words = f"{host} took it" if taken else ""
        found[vip] = Changes(times=len(taken), known_s=known, whole=whole, last_s=last_s, words=words)
    return found


def _outs(told: list[Change], *, young: bool) -> list[Change]:
    """Those that took it out of service; `told` by one teller, the newest first. A `young` journal begins with the
    state in which everything started."""
    outs, before = [], "out" if young else ""
    for change in reversed(told):
        if change.state == "out" and before != "out":
            outs.append(change)
        before = change.state
    return outs


def server_changes(inventory: Inventory, facts: Mapping[str, HostFacts]) -> dict[str, Changes]:
    """By host, how often it went out of service. Several who tell of the same are not added up: who tells most
    counts."""
    names = {entry.address: host for host, entry in inventory.hosts.items()} | {host: host for host in inventory.hosts}
    told: dict[str, dict[tuple[str, str], list[Change]]] = {host: {} for host in inventory.hosts}
    for teller, one in facts.items():
        for change in _changes(one):
            host = names.get(change.name) if change.name and change.kind == "server" else teller
            if host in told:
                state = change.state
                if change.kind == "vrrp":
                    state = "out" if state == "FAULT" else "in"
                seen = Change(age_s=change.age_s, kind="server", name="", state=state, via=change.via, why=change.why)
                via = f"{change.kind} {change.name} {change.via}"
                told[host].setdefault((teller, via), []).append(seen)
    found = {}
    for host, tellers in told.items():
        found_out = [
            _outs(changes, young=_known([facts[teller]])[0] < SPAN - NEARLY) for (teller, _), changes in tellers.items()
        ]
        most = max(found_out, key=len, default=[])
        outs = [change for changes in found_out for change in changes]
        last = min(outs, key=lambda change: change.age_s, default=None)
        words = ": ".join(filter(None, (last.via, last.why))) if last else ""
        known, whole = _known([facts[host]])
        last_s = last.age_s if last else None
        found[host] = Changes(times=len(most), known_s=known, whole=whole, last_s=last_s, words=words)
    return found


def flap_findings(inventory: Inventory, facts: Mapping[str, HostFacts]) -> list[Finding]:
    """What changed too often: warnings, for at this second it may be well."""
    found = []
    for vip, changes in vip_changes(facts).items():
        if changes.times >= VIP_FLAPS:
            hosts = " and ".join(host for host, one in facts.items() if any(vip in link.vips for link in one.links))
            found.append(
                _flaps(
                    "stack",
                    f"the VIP {vip} changed hands",
                    changes,
                    follows="each change breaks sessions of clients, and the next one may come at any moment",
                    todo=f"journalctl -u keepalived on {hosts} at those times; docs/runbook.md, what flaps",
                )
            )
    for host, changes in server_changes(inventory, facts).items():
        if changes.times >= SERVER_FLAPS:
            found.append(
                _flaps(
                    host,
                    "it went out of service",
                    changes,
                    follows="each time its clients lose it, and the next one may come at any moment",
                    todo="what its health agent, or keepalived, said at those times is in the journal;"
                    " docs/runbook.md, what flaps",
                )
            )
    return found


def _flaps(host: str, what: str, changes: Changes, *, follows: str, todo: str) -> Finding:
    least = "" if changes.whole else "at least "
    last = f", last {ago(changes.last_s)} ago ({changes.words})" if changes.last_s is not None else ""
    words = f"{what} {least}{changes.times} times in {changes.when}{last}"
    return Finding(host=host, what=words, follows=follows, todo=todo, severity="warning")
