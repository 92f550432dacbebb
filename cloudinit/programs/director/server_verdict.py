"""Late, silent, and a plain no are three verdicts: what a director makes of what it hears, and does not hear, of its
real servers (docs/decisions/0035).

A server is out, and loses its sessions, only while another one takes clients. What is silent beside one that speaks is
out within the promise; what all of them do at once takes nobody's place. A plain no is weight 0 at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mha_common import Failure

SERVE, KEEP, REFUSE, LATE = 200, 404, 503, 504
NEVER = float("-inf")
#: Seconds: an agent speaks once a second; after so many its last word is none of now.
PERIOD, FRESH = 1.0, 1.6
#: Seconds for which one that said "late" counts as alive.
ALIVE = 2.5


@dataclass(frozen=True)
class Patience:
    """Seconds for which a server keeps its place, from the first word of another one that it left unmatched."""

    silent: float = 2.5
    late: float = 4.3
    refused: float = 2.0
    """Between a plain no and the end of its sessions."""
    retry: int = 1
    """Refused connections to an agent that do not count yet."""
    pause: float = 0.5
    """Before a refused connection is tried again."""


def patience(env: Mapping[str, str]) -> Patience:
    """From director-checks.env: what keepalived's checks would give a server, the wait for its next word included.

    Raises Failure when a value is no number.
    """
    try:
        loop, timeout = float(env.get("CHECK_LOOP", "1")), float(env.get("CONNECT_TIMEOUT", "1"))
        retry, pause = int(env.get("RETRY", "1")), float(env.get("DELAY_BEFORE_RETRY", "0.5"))
        hold = float(env.get("LATE_HOLD", "2"))
    except ValueError as error:
        raise Failure(
            f"/etc/mariadb-ha/director-checks.env is garbled: {error}", todo="deliver it again: pulumi up"
        ) from None
    again = retry * pause
    return Patience(
        silent=max(loop + (retry + 1) * timeout + again - PERIOD, PERIOD),
        late=max(hold + 0.8 + loop + again, PERIOD),
        refused=max(hold, again),
        retry=retry,
        pause=pause,
    )


@dataclass
class Heard:
    """What was heard of one server. Times are time.monotonic() (s)."""

    status: int = 0
    """Its last word, SERVE, KEEP or REFUSE; 0: none yet."""
    answered: float = NEVER
    late: float = NEVER
    """When it last said that it is late."""
    missed: float | None = None
    """The first word of another server since its own last one."""
    refused: float | None = None
    """Since when it says no."""
    refusals: int = 0
    """Connections to its agent that were refused, one after the other."""
    asked: float = NEVER
    """Since when it is listened for."""
    out: bool = False
    closed: bool = False
    """Its port for clients takes no connections."""

    def says(self, status: int, others: Iterable[Heard], now: float) -> None:
        """A word of its agent, or that it is late."""
        if status == LATE:
            self.late = now
            return
        self.status, self.answered, self.missed, self.refusals = status, now, None, 0
        self.no(now) if status == REFUSE else self.yes()
        for other in others:
            if other.missed is None:
                other.missed = now

    def turned_away(self, retry: int, now: float) -> None:
        """Its host is there, and nobody listens where its agent and its MariaDB should be."""
        self.refusals += 1
        if self.refusals > retry:
            self.status = REFUSE
            self.no(now)

    def no(self, now: float) -> None:
        self.refused = now if self.refused is None else self.refused

    def yes(self) -> None:
        self.refused, self.out = None, False

    def fresh(self, now: float) -> bool:
        return now - self.answered <= FRESH

    def takes_clients(self, now: float) -> bool:
        return self.status == SERVE and self.fresh(now) and not self.refusals and not self.closed


def forget(known: Iterable[Heard]) -> None:
    """The director itself stood still: who was silent meanwhile is not known."""
    for one in known:
        one.missed = None


def why_out(one: Heard, others: Iterable[Heard], given: Patience, now: float) -> str:
    """Why a server loses its place; empty: it keeps it."""
    others = tuple(others)
    if not any(other.fresh(now) for other in others):
        one.missed = None  # whatever it is, it is not this one's alone
    if not any(other.takes_clients(now) for other in others):
        return ""
    if one.refused is not None:
        return "it says no" if now - one.refused >= given.refused else ""
    if one.missed is None:
        return ""
    gone = now - one.missed
    if now - one.late <= ALIVE:
        return f"late for {gone:.1f} s" if gone >= given.late else ""
    return f"silent for {gone:.1f} s" if gone >= given.silent else ""


def settle(known: Mapping[str, Heard], given: Patience, now: float) -> dict[str, str]:
    """Who loses its place now, and why."""
    found = {}
    for name, one in known.items():
        others = [other for also, other in known.items() if also != name]
        why = why_out(one, others, given, now)
        if why and not one.out:
            one.out = True
            found[name] = why
    return found


def kept(known: Mapping[str, Heard], given: Patience, now: float) -> dict[str, tuple[str, float | None]]:
    """Who has a place, and new clients, although it is silent or late, for no other server takes any: which of the
    two, and when it was heard last (None: not since this program started).
    """
    found: dict[str, tuple[str, float | None]] = {}
    for name, one in known.items():
        others = [other for also, other in known.items() if also != name]
        if one.out or one.closed or one.status in (KEEP, REFUSE) or any(other.takes_clients(now) for other in others):
            continue
        what, patience = ("late", given.late) if now - one.late <= ALIVE else ("silent", given.silent)
        if now - max(one.answered, one.asked) >= patience:
            found[name] = what, None if one.answered == NEVER else one.answered
    return found
