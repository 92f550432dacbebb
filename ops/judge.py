"""From facts to findings: pure, so that a table of facts can test every rule."""

from __future__ import annotations

from collections.abc import Mapping

from ops.facts import HostFacts, Wsrep
from ops.inventory import Inventory
from ops.judge_directors import judge_directors
from ops.judge_galera import judge_cluster, judge_node
from ops.judge_hosts import judge_host
from ops.problem import Problem

#: The gravest first.
GRAVITY = ("problem", "unknown", "warning")


def _real_servers(inventory: Inventory, facts: Mapping[str, HostFacts]) -> list[Problem]:
    found = []
    for host in inventory.with_role("realserver"):
        mine = facts[host]
        if mine.reached and mine.lvsdr and mine.units.get("mariadb-ha-lvsdr") == "active":
            said = "; ".join(mine.lvsdr_words.splitlines()) or f"code {mine.lvsdr}"
            found.append(
                Problem(
                    host=host,
                    figure=f"lvsdr.sh status says the real server is not whole ({said})",
                    follows="what the directors forward here is dropped, or this host answers ARP for the VIP",
                    todo="systemctl restart mariadb-ha-lvsdr",
                )
            )
    return found


def judge(inventory: Inventory, facts: Mapping[str, HostFacts]) -> list[Problem]:
    """Everything that is wrong, the gravest first."""
    found = judge_directors(inventory, facts)
    nodes: dict[str, Wsrep] = {}
    for host, entry in inventory.hosts.items():
        mine = facts[host]
        found += judge_host(entry, mine)
        if mine.reached and mine.wsrep is not None and entry.has("galera"):
            running = mine.units.get("mariadb") == "active"
            found += judge_node(host, inventory, mine.wsrep, mine.agent, running=running, draining=mine.draining is not None)
            if running:
                nodes[host] = mine.wsrep
    found += judge_cluster(nodes)
    found += _real_servers(inventory, facts)
    return sorted(found, key=lambda problem: (GRAVITY.index(problem.severity), problem.host != "stack"))


def healthy(problems: list[Problem]) -> bool:
    """True when there is nothing but warnings."""
    return all(problem.severity == "warning" for problem in problems)


def unknown(problems: list[Problem]) -> bool:
    """True when nothing is known to be wrong, and not all is known: the status could not be had."""
    grave = [problem.severity for problem in problems if problem.severity != "warning"]
    return bool(grave) and "problem" not in grave
