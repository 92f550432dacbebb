"""Whether DRBD's handler powers the other host off. Facts in, one action and its reason out; changes nothing.

The kernel asks in two moments: a Primary has lost its connection, and writes are held back; or a host without a
connection is to become Primary, by whomever. Only a host that might promote itself, with the VIP and the right to take
writes, has anybody powered off: a host that has just booted has neither, nor has one that is handing over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drbd_state import Seen

FENCE, FENCED, SPARE, WAIT, REFUSE = "fence", "fenced", "spare", "wait", "refuse"


@dataclass(frozen=True)
class Decision:
    """What to do, and why. FENCED: it was powered off before, and counts as that still. SPARE: go on alone, and leave
    the other one its power.
    """

    action: str
    why: str


def decide(seen: Seen | None, said: Mapping[str, Any], *, in_hands: bool, over: bool) -> Decision:
    """`seen`: the device; `said`: this host's promoter, as of now; empty where it does not answer.

    `in_hands`: a program of ours lays or saves the data, and nobody is served from here. `over`: what can pass by
    itself has been waited for. A Primary whose writes are held back has nothing to lose by waiting for longer, and is
    never refused: the kernel would not ask again.
    """
    if seen is None:
        return Decision(REFUSE, "the device is not set up")
    if seen.connected:
        return Decision(REFUSE, "DRBD is connected again")
    if in_hands:
        return Decision(SPARE, "its data are being laid or saved, and nobody is served from here")
    primary = seen.role == "Primary"
    not_now = WAIT if primary else REFUSE
    if not said:
        return Decision(REFUSE if over and not primary else WAIT, "its promoter does not answer")
    if not said.get("vip"):
        return Decision(not_now, "it does not hold the VIP: it is not its place to serve")
    if not said.get("right"):
        return Decision(not_now, "it has not the right to take writes")
    if said.get("cut_off"):
        return Decision(not_now, str(said["cut_off"]))
    if primary:
        # Not over a connection that only breaks and comes back; served for ever without one it cannot.
        if said.get("peer_heard") and not over:
            return Decision(WAIT, "the other host answers: DRBD may connect again")
        return Decision(FENCE, "it serves, and has lost the other host")
    if said.get("peer_heard"):
        return Decision(REFUSE, "the other host answers: DRBD has to connect first")
    if said.get("ineligible"):
        return Decision(REFUSE, str(said["ineligible"]))
    # A Primary's mark does not count: DRBD was connected since, so the other host had been switched on again.
    if said.get("fenced"):
        return Decision(FENCED, "it was powered off, and has not been heard since")
    return Decision(FENCE, "it is to serve, and does not hear the other host")


def by_files(*, right: bool, vip: bool) -> dict[str, Any]:
    """What counts for a Primary whose promoter stays silent: what that one has left below /run, and the kernel."""
    return {"right": right, "vip": vip, "peer_heard": False}
