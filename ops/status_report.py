"""`hactl status` for people: what each host said, then what is wrong in words."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.facts import HostFacts
from ops.figures import GROUPS, short
from ops.inventory import Inventory
from ops.problem import Problem

SILENCES = {"unreachable": "[red]unreachable[/]", "slow": "[yellow]slow to answer[/]", "bare": "[red]not set up[/]", "mute": "[yellow]unknown[/]"}


def _clock(facts: HostFacts) -> str:
    if facts.clock.off_s > 1:
        return f"{facts.clock.off_s:.1f} s off"
    return {True: "in sync", False: "no source", None: "unknown"}[facts.clock.synced]


def _vrrp(inventory: Inventory, facts: HostFacts) -> str:
    if facts.units.get("keepalived") != "active":
        return f"keepalived {facts.units.get('keepalived', 'unknown')}"
    if any(facts.holds(vip) for vip in inventory.vips):
        return "[green]MASTER[/]"
    return "[red]FAULT[/]" if facts.vrrp_log == "FAULT" else "BACKUP"


def _directors(console: Console, inventory: Inventory, facts: Mapping[str, HostFacts]) -> None:
    table = Table("director", "address", "priority", "VRRP", "holds", "clock", title="Directors", title_justify="left")
    for host, entry in inventory.with_role("director").items():
        mine = facts[host]
        held = " ".join(vip for vip in inventory.vips if mine.holds(vip)) or "–"
        state = _vrrp(inventory, mine) if mine.reached else SILENCES[mine.silence]
        table.add_row(host, entry.address, str(entry.priority or ""), state, held if mine.reached else "?", _clock(mine) if mine.reached else "?")
    if table.row_count:
        console.print(table)


def _ipvs(console: Console, inventory: Inventory, facts: Mapping[str, HostFacts]) -> None:
    names = {entry.address: host for host, entry in inventory.hosts.items()}
    table = Table("director", "virtual service", "scheduler", "real server", "forward", "weight", "active", "inactive", title="IPVS", title_justify="left")
    for host in inventory.with_role("director"):
        for service in facts[host].ipvs or ():
            head = [host, f"{service.host}:{service.port}", f"{service.scheduler} {service.flags}".strip()]
            for server in service.servers or (None,):
                row = (
                    [names.get(server.address, server.address), server.forward, str(server.weight), str(server.active), str(server.inactive)]
                    if server
                    else ["[red]none[/]", "", "", "", ""]
                )
                table.add_row(*head, *row)
                head = ["", "", ""]
    if table.row_count:
        console.print(table)


def _galera(console: Console, inventory: Inventory, facts: Mapping[str, HostFacts]) -> None:
    nodes = list(inventory.with_role("galera"))
    if not nodes:
        return
    heads = [f"{host} (reference)" if inventory.hosts[host].has("reference") else host for host in nodes]
    table = Table("group", "figure", *heads, title="Galera", title_justify="left")
    for group, names in GROUPS.items():
        for index, name in enumerate(names):
            figures = []
            for host in nodes:
                wsrep = facts[host].wsrep
                figures.append(escape(short(wsrep.text(name))) if wsrep and not wsrep.error else "[red]–[/]")
            table.add_row(group if index == 0 else "", f"wsrep_{name}", *figures, end_section=index == len(names) - 1)
    silences = {host: SILENCES[facts[host].silence] for host in nodes}
    for label, value in (("agent", _agent), ("real server", _lvsdr), ("clock", _clock)):
        table.add_row("host" if label == "agent" else "", label, *(value(facts[host]) if facts[host].reached else silences[host] for host in nodes))
    console.print(table)


def _agent(facts: HostFacts) -> str:
    if facts.agent is None:
        return "–"
    colour = "green" if facts.agent.status == 200 else "yellow" if facts.agent.drains else "red"
    return f"[{colour}]{facts.agent.status or 'none'}[/] {escape(facts.agent.words)}"


def _lvsdr(facts: HostFacts) -> str:
    return "–" if facts.lvsdr is None else {0: "VIP on lo", 3: "stopped"}.get(facts.lvsdr, "[red]not whole[/]")


MARKS = {"problem": "[red]✗[/]", "unknown": "[yellow]?[/]", "warning": "[yellow]![/]"}


def print_problems(console: Console, problems: list[Problem]) -> None:
    """The findings, one after the other."""
    for problem in problems:
        mark = MARKS[problem.severity]
        console.print(f"{mark} {escape(problem.line())}", soft_wrap=True)


def print_status(console: Console, inventory: Inventory, facts: Mapping[str, HostFacts], problems: list[Problem]) -> None:
    """The whole report."""
    _directors(console, inventory, facts)
    _ipvs(console, inventory, facts)
    _galera(console, inventory, facts)
    print_problems(console, problems)
    grave = sum(problem.severity == "problem" for problem in problems)
    if grave:
        console.print(f"[red]stack {inventory.stack}: {grave} problem{'s' if grave > 1 else ''}[/]")
    elif unseen := sum(problem.severity == "unknown" for problem in problems):
        hosts = f"{unseen} host{'s' if unseen > 1 else ''} of {len(inventory.hosts)}"
        console.print(f"[yellow]stack {inventory.stack}: the status could not be had: {hosts} unknown, nothing wrong with the others[/]")
    else:
        console.print(f"[green]stack {inventory.stack}: healthy[/]")
