"""VIPs that VRRP (keepalived) moves between hosts: who holds them, whether the right one does, and the faults of their
holders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.component import Caution, FaultKind, Service, Unit
from ops.hosts.facts import HostFacts
from ops.status.finding import Finding

SERVICE = Service(unit="keepalived", words="keepalived")
UNIT = Unit(
    name=SERVICE.unit,
    follows="this host can neither hold the VIP nor take it over",
    todo="systemctl start keepalived, and journalctl -u keepalived for why it ended",
)
#: A host that directs clients because it holds the VIP, and its faults.
DIRECTOR = "director"
DIRECTOR_STOP = FaultKind(name="director-stop", role=DIRECTOR, host_words="director", kills=False)
DIRECTOR_KILL = FaultKind(name="director-kill", role=DIRECTOR, host_words="director", kills=True)
#: Pause in seconds beyond preempt_delay until VRRP has settled.
MARGIN = 2.0


@dataclass(frozen=True, kw_only=True)
class VrrpLog:
    """The state that keepalived's log named last: MASTER, BACKUP or FAULT; None: it named none."""

    state: str | None


def deaf_meanwhile(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Caution]:
    """Changes after which two hosts do not hear each other until both have them."""
    old, new = before.get("vrrp") or {}, after.get("vrrp") or {}
    for key in ("virtual_router_id", "vrrp_version"):
        if old.get(key) != new.get(key):
            yield Caution(
                words=f"{key} {old.get(key)} -> {new.get(key)}: until the second host has it the two do not hear each "
                "other, and both hold the VIP for some seconds: choose a quiet hour"
            )


def parse_vrrp_log(said: Mapping[str, Any]) -> VrrpLog:
    """From what host-facts said."""
    found = re.search(r"Entering (MASTER|BACKUP|FAULT) STATE", said.get("vrrp_log") or "")
    return VrrpLog(state=found[1] if found else None)


@dataclass(frozen=True, kw_only=True)
class Vrrp:
    """The hosts that share VIPs, with their priorities. `preempt_delay` in seconds; `member`, `members`: what such a
    host is called, and all of them; `split`: what follows while two hold one VIP."""

    priorities: Mapping[str, int]
    vips: tuple[str, ...]
    preempt: bool
    preempt_delay: float
    member: str = "director"
    members: str = "the directors"
    split: str = "clients reach now one, now the other, and sessions break"

    def holders(self, facts: Mapping[str, HostFacts], vip: str) -> list[str]:
        """The hosts that have the address on their link. Addresses are the truth; logs may lag."""
        return [host for host in self.priorities if facts[host].reached and facts[host].holds(vip)]

    def unknown_hosts(self, facts: Mapping[str, HostFacts]) -> list[str]:
        """The hosts whose state could not be had."""
        return [host for host in self.priorities if facts[host].unknown]

    def preferred(self) -> str | None:
        """The host with the highest priority, which takes the VIP back where preemption is on."""
        ranked = sorted(self.priorities.items(), key=lambda item: -item[1])
        return ranked[0][0] if ranked and self.preempt else None

    def held(self, facts: HostFacts) -> list[str]:
        """The VIPs that a host has."""
        return [vip for vip in self.vips if facts.holds(vip)]

    def state_cell(self, facts: HostFacts) -> str:
        """A host's state in a table."""
        if not facts.active(SERVICE.unit):
            return f"keepalived {facts.units.get(SERVICE.unit, 'unknown')}"
        state = self.state(facts)
        return {"MASTER": "[green]MASTER[/]", "FAULT": "[red]FAULT[/]"}.get(state, state)

    def state(self, facts: HostFacts) -> str:
        """MASTER, BACKUP, FAULT or STOPPED."""
        if self.held(facts):
            return "MASTER"
        if not facts.active(SERVICE.unit):
            return "STOPPED"
        return "FAULT" if (log := facts.part(VrrpLog)) and log.state == "FAULT" else "BACKUP"

    def pause(self, host: str) -> float:
        """Seconds until the VIPs are where they belong once a host is back."""
        return (self.preempt_delay if self.preferred() == host else 0.0) + MARGIN

    def not_healed(self, facts: Mapping[str, HostFacts]) -> str:
        """A VIP that the preferred host has not taken back yet, in words."""
        first = self.preferred()
        for vip in self.vips:
            held = self.holders(facts, vip)
            if first and held and held != [first]:
                return f"{first} has not taken the VIP {vip} back from {held[0]} yet"
        return ""

    def findings(self, facts: Mapping[str, HostFacts]) -> list[Finding]:
        """Findings about every VIP."""
        return [finding for vip in self.vips for finding in self._vip(facts, vip)]

    def _vip(self, facts: Mapping[str, HostFacts], vip: str) -> list[Finding]:
        held = self.holders(facts, vip)
        if not held and (slow := self.unknown_hosts(facts)):
            return [
                Finding(
                    host="stack",
                    what=f"whether a {self.member} holds the VIP {vip} could not be had",
                    follows=f"{' and '.join(slow)} may hold it",
                    todo="ask again",
                    severity="unknown",
                )
            ]
        if not held:
            return [
                Finding(
                    host="stack",
                    what=f"no {self.member} holds the VIP {vip}",
                    follows="clients reach nothing",
                    todo=f"start keepalived on a {self.member}; if it runs, its log says why it does not become MASTER",
                )
            ]
        if len(held) > 1:
            return [
                Finding(
                    host="stack",
                    what=f"{' and '.join(held)} both hold the VIP {vip}",
                    follows=f"split brain of {self.members}: {self.split}",
                    todo="let VRRP (IP protocol 112) pass between them; meanwhile stop keepalived on the one with"
                    " the lower priority",
                )
            ]
        first = self.preferred()
        if first and held != [first] and facts[first].reached and facts[first].active(SERVICE.unit):
            delay = self.preempt_delay
            return [
                Finding(
                    host=first,
                    what=f"{held[0]} holds the VIP {vip} although {first} has the higher priority",
                    follows=f"{first} takes it back within {delay:g} s of its return, or cannot",
                    todo=f"wait {delay:g} s; if it stays, journalctl -u keepalived on {first}",
                    severity="warning",
                )
            ]
        return []

    def fault_findings(self, host: str, facts: HostFacts) -> list[Finding]:
        """A host whose keepalived runs and is in FAULT."""
        log = facts.part(VrrpLog)
        if log is None or log.state != "FAULT" or self.held(facts):
            return []
        return [
            Finding(
                host=host,
                what="keepalived's last state is FAULT",
                follows=f"it cannot take the VIP: {self.members} have no redundancy",
                todo=f"journalctl -u keepalived on {host} names the interface or check that failed",
            )
        ]
