"""Tables of what VIPs and hosts of every kind have in common: changes in the last hour, memory, disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.markup import escape
from rich.table import Table

from ops.hosts.facts import HostFacts
from ops.inventory import Inventory
from ops.status.cells import unreached_cell
from ops.status.history import SERVER_FLAPS, VIP_FLAPS, Changes, server_changes, vip_changes
from ops.status.host_findings import FILLING, FULL


def _count(changes: Changes, flaps: int) -> str:
    words = changes.count()
    return f"[yellow]{words}[/]" if changes.times >= flaps else words


def _memory(facts: HostFacts) -> str:
    memory = facts.memory
    if memory is None:
        return "–"
    swapped = f", {memory.swapped_mib} swapped" if memory.swapped_mib else ""
    return f"{memory.available_mib} of {memory.total_mib} MiB{swapped}"


def _volume(facts: HostFacts) -> str:
    """The one that is fullest; of mount points of the same file system the shortest."""
    if not facts.volumes:
        return "–"
    point, volume = max(facts.volumes.items(), key=lambda each: (int(each[1].used * 100), -len(each[0])))
    colour = "red" if volume.used >= FULL else "yellow" if volume.used >= FILLING else ""
    words = f"{escape(point)} {int(volume.used * 100)} % ({volume.free_mib} MiB left)"
    return f"[{colour}]{words}[/]" if colour else words


def host_tables(inventory: Inventory, facts: Mapping[str, HostFacts]) -> Iterator[Table]:
    """VIPs, where hosts told of any, and all hosts."""
    vips = vip_changes(facts)
    if vips:
        table = Table("VIP", "changed hands in the last hour", "last", title="VIPs", title_justify="left")
        for vip, changes in vips.items():
            table.add_row(vip, _count(changes, VIP_FLAPS), escape(changes.last()))
        yield table
    heads = ("host", "out of service in the last hour", "last", "memory available", "fullest volume")
    table = Table(*heads, title="Hosts", title_justify="left")
    for host, changes in server_changes(inventory, facts).items():
        mine = facts[host]
        told = (_memory(mine), _volume(mine)) if mine.reached else (unreached_cell(mine), "?")
        # Nothing on it has a history of its own (an arbitrator's host), or it is of an earlier version.
        nothing = mine.reached and mine.history is None and not changes.times
        table.add_row(host, "–" if nothing else _count(changes, SERVER_FLAPS), escape(changes.last()), *told)
    yield table
