"""Which of two hosts may take writes. Facts in, one action and its reason out; changes nothing.

There is one *right* to take writes. A host takes writes only while it holds the VIP and the right. It gets the right
from the other host, which gives it away only while it takes no writes itself (`may_grant`); or, when the other host is
not heard, after that one was fenced, or, without fencing, by taking it. The right is kept below /run: a reboot loses
it.

tests/programs/promoter walks through every order of events with these very functions. Without fencing two hosts can
take writes at once when neither hears the other: docs/promotion.md shows how.
"""

from __future__ import annotations

from dataclasses import dataclass

SERVE, FOLLOW, WAIT, DEMOTE, ASK, TAKE, FENCE, PROMOTE = (
    "serve",
    "follow",
    "wait",
    "demote",
    "ask",
    "take",
    "fence",
    "promote",
)


@dataclass(frozen=True)
class Own:
    """This host. `active`: whether what it serves takes writes; None: that is not known, because it hangs."""

    usable: bool
    active: bool | None
    vip: bool
    right: bool
    term: int = 0
    """Counts how often the right was given or taken; of two hosts that both take writes the one with the lower term
    is wrong.
    """
    met: bool = True
    """The other host has been heard since this one started, or is declared lost."""
    behind: str = ""
    """Why its data may lack acknowledged writes."""
    unready: str = ""
    """What has still to be fetched or applied before it may take writes."""
    drained: str = ""
    """Why it was taken out of service."""
    fenced: bool = False
    """This host has powered the other one off and not heard it since."""
    alone: bool = False
    """There is no other host: it is declared lost."""
    cut_off: str = ""
    """Why this host itself is the one that nobody reaches, where the other one is silent."""
    unwell: str = ""
    """Why it cannot be used; for words only."""


@dataclass(frozen=True)
class Peer:
    """The other host, as it answered."""

    active: bool | None
    vip: bool
    right: bool = False
    term: int = 0
    name: str = "the other host"


@dataclass(frozen=True)
class Decision:
    """What to do, and why."""

    action: str
    why: str


def ineligible(own: Own) -> str:
    """Why this host must not hold the VIP; empty when it may. VRRP tracks this, so it asks neither for the VIP nor
    for the right.
    """
    if not own.usable:
        return own.unwell or "it does not answer"
    if own.drained:
        return f"out of service: {own.drained}"
    if own.cut_off:
        return own.cut_off
    if own.active and own.right:
        return ""
    if own.behind:
        return own.behind
    if not (own.met or own.alone):
        return "the other host has not been heard since this one started, and may hold newer data"
    return ""


def may_grant(own: Own) -> str:
    """Why this host must not give the right away now; empty when it may."""
    if own.active is not False:
        return "takes writes" if own.active else "hangs, and may still take writes"
    if own.vip:
        return "holds the VIP"
    return ""


def outdated(own: Own, peer: Peer | None) -> bool:
    """The right that this host holds is an earlier one: the other took it while neither heard the other. It counts no
    more, and what was written since may not be here. Two rights of one term were taken in the same way: who takes no
    writes gives its own up, for with it a host serves without a fencing.
    """
    return own.right and own.active is False and peer is not None and peer.right and peer.term >= own.term


def decide(own: Own, peer: Peer | None, *, fencing: bool) -> Decision:
    """The next action of this host. `peer`: None when it does not answer."""
    if not own.vip:
        return (
            Decision(FOLLOW, "the VIP is elsewhere")
            if own.active is False
            else Decision(DEMOTE, "the VIP is elsewhere")
        )
    if own.active and peer and peer.active and (peer.term, peer.right) > (own.term, own.right):
        return Decision(DEMOTE, f"{peer.name} takes writes with a later right")
    if own.active and peer and peer.right and peer.term > own.term:
        # it has stopped first, for the VIP came here: its history is the one that counts all the same
        return Decision(DEMOTE, f"{peer.name} has a later right to take writes")
    if own.active and not own.right:
        return Decision(DEMOTE, "it takes writes without the right to do so")
    if reason := ineligible(own):
        return Decision(DEMOTE if own.active else WAIT, reason)
    if own.active:
        return Decision(SERVE, "it holds the VIP and the right to take writes")
    if peer and peer.active is not False:
        return Decision(WAIT, f"{peer.name} {'still takes writes' if peer.active else 'hangs, and is being stopped'}")
    if not own.right:
        if own.alone:
            return Decision(TAKE, "the other host is declared lost")
        if peer:
            return Decision(ASK, f"{peer.name} can give the right to take writes")
        if fencing and not own.fenced:
            return Decision(FENCE, "the other host does not answer")
        return Decision(TAKE, "the other host is powered off" if own.fenced else "the other host does not answer")
    if own.unready:
        return Decision(WAIT, own.unready)
    return Decision(PROMOTE, "it holds the VIP and the right to take writes")
