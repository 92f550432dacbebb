"""The promoter of a host: what it says, and what is wrong where it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.markup import escape

from ops.component import Handover, Unit
from ops.errors import Exit, OpsError
from ops.paths import PROGRAMS
from ops.status.finding import Finding

PROMOTER = Unit(
    name="mariadb-ha-promoter",
    follows="nobody decides on this host whether it may hold the VIP",
    todo="systemctl start mariadb-ha-promoter, and journalctl -u mariadb-ha-promoter for why it ended",
)
#: The fencing agent by which a host can also switch the other one on again.
IPMI = "ipmi"


@dataclass(frozen=True, kw_only=True)
class Promoter:
    """What a host's promoter said; see cloudinit/programs/promoter. `heard`: it answered at all."""

    heard: bool
    active: bool | None = None
    vip: bool = False
    right: bool = False
    eligible: bool = False
    why: str = ""
    ineligible: str = ""
    needs_person: bool = False
    peer_heard: bool = True
    fencing: bool = False
    disarmed: str = ""


def parse_promoter(said: Mapping[str, Any]) -> Promoter | None:
    """From what host-facts said; None on a host without one."""
    if "promoter" not in said:
        return None
    found = said["promoter"]
    if not found:
        return Promoter(heard=False)
    names = (
        "active",
        "vip",
        "right",
        "eligible",
        "why",
        "ineligible",
        "needs_person",
        "peer_heard",
        "fencing",
        "disarmed",
    )
    return Promoter(heard=True, **{name: found[name] for name in names if name in found})


def promoter_findings(
    host: str, said: Promoter, *, person: str = "docs/runbook.md, a server that cannot follow"
) -> list[Finding]:
    """What a promoter says of its own host. `person`: what a person does where nothing mends it by itself."""
    if not said.heard:
        return [
            Finding(
                host=host,
                what="its promoter does not answer",
                follows="nobody decides on this host whether it may hold the VIP",
                todo="journalctl -u mariadb-ha-promoter",
            )
        ]
    if said.disarmed:
        return [
            Finding(
                host=host,
                what=f"fencing is disarmed: {said.disarmed}",
                follows="when neither host hears the other both may take writes, and nobody is powered off",
                todo="wait for the drill's end (it counts for 15 minutes at most), or remove"
                " /run/mariadb-ha/fencing-disarmed there",
            )
        ]
    if not said.eligible:
        return [
            Finding(
                host=host,
                what=f"it may not hold the VIP: {said.ineligible}",
                follows="the pair has no stand-by",
                todo=person if said.needs_person else "wait, or mend what it names",
            )
        ]
    if said.vip and not said.active:
        return [
            Finding(
                host=host,
                what=f"it holds the VIP and takes no writes: {said.why}",
                follows="clients are let in and refused",
                todo="wait; if it stays, journalctl -u mariadb-ha-promoter on both hosts",
            )
        ]
    return []


def eligible_cell(said: Promoter | None) -> str:
    """Whether a host may hold the VIP, in a table."""
    if said is None or not said.heard:
        return "[red]–[/]"
    return "[green]yes[/]" if said.eligible else f"[red]no[/]: {escape(said.ineligible)}"


def serving(promoters: Mapping[str, Promoter]) -> str | None:
    """The one host that its promoter says takes writes; None: none, or both."""
    found = [host for host, said in promoters.items() if said.active]
    return found[0] if len(found) == 1 else None


def planned_handover(
    name: str, priorities: Mapping[str, int | None], promoters: Mapping[str, Promoter], *, to: str | None, preempt: bool
) -> Handover:
    """How one host of the pair `name` hands what it serves to the other one (the program `switchover`).

    `priorities`: VRRP's, of both hosts; `to`: which host is to serve, None: the other one.

    Raises:
        OpsError: refused, with the reason; `to` serves already (Exit.GOOD).
    """
    if to is not None and to not in priorities:
        raise OpsError(f"{to} is no server of {name}", f"name one of {', '.join(priorities)}", Exit.REFUSED)
    giver = serving(promoters)
    if giver is None:
        words = "which server takes writes is not known, or both do"
        raise OpsError(f"nothing is handed over: {words}", "see `hactl status`", Exit.UNHEALTHY)
    if to == giver:
        raise OpsError(f"nothing to do: {giver} takes writes", "nothing", Exit.GOOD)
    taker = next((host for host in priorities if host != giver), None)
    if taker is None:
        words = "nothing is handed over: the other host is declared lost"
        raise OpsError(words, "take it back first: remove `lost` from its settings, and `up`", Exit.REFUSED)
    if preempt and (priorities[taker] or 0) < (priorities[giver] or 0):
        raise OpsError(
            f"nothing is handed over: {name}.preempt is true, and {giver} has the higher priority: it would take the"
            f" VIP back at once",
            f"set preempt to false, or take {giver} out of service for as long as {taker} is to serve",
            Exit.REFUSED,
        )
    return Handover(giver=giver, taker=taker, script=f"exec {PROGRAMS}/switchover </dev/null\n")
