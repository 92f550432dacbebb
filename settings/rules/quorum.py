"""Galera's members: who votes, and who leads."""

from __future__ import annotations

from collections.abc import Iterator

from settings.problem import Problem
from settings.rules.registry import rule
from settings.stack import Stack


@rule("galera")
def odd_voters(stack: Stack) -> Iterator[Problem]:
    """Quorum needs a majority (galeracluster.com, Weighted Quorum)."""
    if not stack.galera:
        return
    count = len(set(stack.galera.members))
    if count == 1:
        yield Problem(
            "galera.members", "one node is no cluster", "its failure stops everything and may lose data", "name three nodes, each on a host of its own"
        )
    elif count % 2 == 0:
        yield Problem(
            "galera.members",
            f"{count} nodes are an even number of voters, and there is no arbitrator",
            "a network split into halves leaves neither with a majority: both stop serving"
            + (", and so does the survivor when one of the two dies" if count == 2 else ""),
            f"name {count + 1} nodes (or {count - 1}): an arbitrator is not offered yet" if count > 2 else "name 3 nodes: an arbitrator is not offered yet",
        )


@rule("galera")
def distinct_members(stack: Stack) -> Iterator[Problem]:
    """Each node once."""
    members = stack.galera.members if stack.galera else ()
    for index, name in enumerate(members):
        if name in members[:index]:
            yield Problem(f"galera.members[{index}]", f"{name} is listed twice", "it would be joined twice and counted as two votes", "name each node once")


@rule("galera")
def reference_is_member(stack: Stack) -> Iterator[Problem]:
    """The reference node is one of the cluster's."""
    galera = stack.galera
    if galera and galera.reference_node is not None and galera.reference_node not in galera.members:
        yield Problem(
            "galera.reference_node",
            f"{galera.reference_node} is not in galera.members ({', '.join(galera.members)})",
            "nothing could bootstrap the cluster, and joiners would wait for a donor that is not there",
            "name a member, or leave it out",
        )


@rule("galera")
def discarded_are_members(stack: Stack) -> Iterator[Problem]:
    """Data may be thrown away of members only, and never of all of them."""
    if not stack.galera:
        return
    members, discarded = stack.galera.members, stack.galera.discard_data_of
    for index, name in enumerate(discarded):
        if name not in members:
            yield Problem(
                f"galera.discard_data_of[{index}]",
                f"{name} is not in galera.members ({', '.join(members)})",
                "the word would be for nobody, and the node that it was meant for would go on refusing",
                "name a member, or take the name away",
            )
    if members and set(members) <= set(discarded):
        yield Problem(
            "galera.discard_data_of",
            "all members are named",
            "no node's data would be left to form the cluster from",
            "leave out the node whose data is right; for a new, empty cluster destroy this one",
        )
