"""`hactl status`: gather, judge, and the answer as one object for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ops.facts import HostFacts
from ops.figures import grouped
from ops.gather import gather
from ops.inventory import Inventory
from ops.judge import healthy, judge, unknown
from ops.judge_directors import holders
from ops.judge_tables import ask_tables
from ops.problem import Problem
from ops.shell import Shell


@dataclass(frozen=True, kw_only=True)
class Status:
    """Facts of all hosts and what follows from them."""

    facts: Mapping[str, HostFacts]
    problems: list[Problem]

    @property
    def healthy(self) -> bool:
        """True when nothing is wrong but warnings."""
        return healthy(self.problems)

    @property
    def unknown(self) -> bool:
        """True when nothing is known to be wrong, and some host's state could not be had."""
        return unknown(self.problems)

    @property
    def reached(self) -> int:
        """How many hosts answered."""
        return sum(facts.reached for facts in self.facts.values())


def look(inventory: Inventory, shell: Shell) -> Status:
    """The state of the stack now."""
    facts = gather(inventory, shell)
    return Status(facts=facts, problems=judge(inventory, facts))


def with_tables(status: Status, shell: Shell) -> Status:
    """The same and what is to be said of the tables, for which a node is asked once more."""
    return replace(status, problems=[*status.problems, *ask_tables(shell, status.facts)])


def _host_json(inventory: Inventory, facts: HostFacts) -> dict[str, Any]:
    entry = inventory.hosts[facts.host]
    said: dict[str, Any] = {"address": entry.address, "roles": list(entry.roles), "reached": facts.reached}
    if not facts.reached:
        return said | {"slow": facts.unknown, "error": facts.error}
    said |= {"units": facts.units, "clock": asdict(facts.clock), "draining": facts.draining}
    if entry.has("director"):
        holding = [vip for vip in inventory.vips if facts.holds(vip)]
        running = facts.units.get("keepalived") == "active"
        state = "MASTER" if holding else "STOPPED" if not running else "FAULT" if facts.vrrp_log == "FAULT" else "BACKUP"
        said |= {"vrrp_state": state, "vips": holding, "ipvs": [asdict(service) for service in facts.ipvs or ()]}
    if facts.wsrep is not None:
        said["wsrep"] = {"error": facts.wsrep.error} if facts.wsrep.error else grouped(facts.wsrep)
    if facts.agent is not None:
        said["agent"] = asdict(facts.agent)
    if facts.lvsdr is not None:
        said["lvsdr"] = {"code": facts.lvsdr, "words": facts.lvsdr_words}
    return said


def as_json(inventory: Inventory, status: Status) -> dict[str, Any]:
    """One object: healthy or not, VIP holders, problems, and every host's facts."""
    return {
        "stack": inventory.stack,
        "healthy": status.healthy,
        "unknown": status.unknown,
        "vip_holders": {vip: holders(inventory, status.facts, vip) for vip in inventory.vips},
        "problems": [problem.as_json() for problem in status.problems],
        "hosts": {host: _host_json(inventory, facts) for host, facts in status.facts.items()},
    }
