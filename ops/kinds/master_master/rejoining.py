"""A server of the pair that lost its place: how it becomes a replica again, and when it may not."""

from __future__ import annotations

from collections.abc import Mapping

from ops.component import Rejoining
from ops.errors import Exit, OpsError
from ops.hosts.facts import HostFacts
from ops.roles.promoter import Promoter
from ops.roles.replication import Replication, has

#: The server that stays: its own replication of the other one begins anew, where that has become a copy.
FOLLOW = "master-connect --recorded"


def rejoining(
    host: str, facts: Mapping[str, HostFacts], *, source: str | None, peer: str, anew: bool, discard: bool
) -> Rejoining:
    """What is to be done. `source`: the server that takes writes, None where that is not known.

    Raises:
        OpsError: refused, with the reason; nothing is to be done (Exit.GOOD).
    """
    if peer not in facts:
        raise OpsError(f"{host} has nobody to follow", "nothing: the other server is declared lost", Exit.REFUSED)
    if source == host:
        raise OpsError(
            f"{host} takes writes: nothing of it is discarded", "hand over first: hactl switchover", Exit.REFUSED
        )
    for each in (host, peer):
        if not facts[each].reached:
            words = f"{each} cannot be reached ({facts[each].error})"
            raise OpsError(words, "bring it back first", Exit.UNREACHABLE)
    if source is None:
        words = f"{peer} does not take writes, so it is not known whose data counts"
        raise OpsError(words, "see `hactl status`; one server has to take writes first", Exit.REFUSED)
    seen, said = facts[host].part(Replication) or Replication(), facts[host].part(Promoter)
    theirs = facts[peer].part(Replication)
    surplus = seen.surplus
    if surplus is not None and theirs is not None and has(theirs.gtid, surplus.gtid):
        surplus = None  # the other server has it meanwhile
    copied = Rejoining(
        question=f"Make {host} a copy of {source}? What {host} has is kept aside on it, and no longer served.",
        commands=((host, "master-clone --discard-its-own"), (source, FOLLOW)),
    )
    if anew or seen.clone:
        return copied
    by_hand = not seen.trouble and not seen.error and "No" in (seen.io, seen.sql)  # STOP SLAVE
    if surplus is not None or (said is not None and said.needs_person and not by_hand):
        if discard:
            return copied
        what = said.ineligible if said is not None and said.ineligible else "it cannot follow"
        saved = f"; they changed {surplus.words()}, and are saved there in {surplus.file}" if surplus else ""
        raise OpsError(
            f"{host}: {what}{saved}",
            f"take over by hand what is to be kept; then `hactl rejoin {host} --discard-its-own` makes it a copy of"
            f" {source}, its old data kept aside",
            Exit.REFUSED,
        )
    if seen.error:
        words = f"MariaDB on {host} does not tell its state ({seen.error})"
        raise OpsError(words, f"start it there; where its data is broken: hactl rebuild {host}", Exit.REFUSED)
    if seen.trouble:
        raise OpsError(
            f"replication on {host} has stopped: {seen.trouble}",
            f"docs/runbook.md, replication has stopped; or make it a copy of {source}: hactl rebuild {host}",
            Exit.REFUSED,
        )
    if seen.source and seen.io == "Yes" and seen.sql == "Yes":
        raise OpsError(f"nothing to do: {host} replicates {source}", "nothing", Exit.GOOD)
    return Rejoining(question=f"Let {host} replicate {source} again?", commands=((host, FOLLOW),))
