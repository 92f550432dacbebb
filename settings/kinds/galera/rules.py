"""Galera's members: who votes, who leads, and what a node's disk holds."""

from __future__ import annotations

from collections.abc import Iterator

from settings.kinds.galera.model import Galera
from settings.parts.sizes import gcache_mib
from settings.problem import Problem
from settings.rules.lost import back, names_are_lost
from settings.rules.machines import lost, vms
from settings.rules.registry import rule
from settings.stack import Stack


@rule(each=Galera)
def odd_voters(stack: Stack, name: str, galera: Galera) -> Iterator[Problem]:
    """Quorum needs a majority (galeracluster.com, Weighted Quorum)."""
    count, key, arbitrator = len(set(galera.members)), f"{name}.members", galera.arbitrator
    if count == 1:
        yield Problem(
            key,
            "one node is no cluster" + (", and an arbitrator holds no data" if arbitrator else ""),
            "its failure stops everything and may lose data",
            "name two nodes beside the arbitrator" if arbitrator else "name three nodes, each on a host of its own",
        )
    elif count % 2 == 0 and not arbitrator:
        yield Problem(
            key,
            f"{count} nodes are an even number of voters, and there is no arbitrator",
            "a network split into halves leaves neither with a majority: both stop serving"
            + (", and so does the survivor when one of the two dies" if count == 2 else ""),
            f"name {count + 1} nodes, or give the last vote to a host that holds no data: {name}.arbitrator",
        )
    elif count % 2 and arbitrator:
        yield Problem(
            f"{name}.arbitrator",
            f"{count} nodes and an arbitrator are an even number of voters",
            "a network split into halves leaves neither with a majority: both stop serving",
            f"remove it: {count} nodes are an odd number by themselves; or name {count + 1} nodes",
        )


@rule(each=Galera)
def arbitrator_is_apart(stack: Stack, name: str, galera: Galera) -> Iterator[Problem]:
    """A host has one vote."""
    if galera.arbitrator in galera.members:
        yield Problem(
            f"{name}.arbitrator",
            f"{galera.arbitrator} is also in {name}.members",
            "that host's failure would take two votes at once, and the other nodes would be no majority; nor can both"
            " listen on port 4567",
            "name a host that holds none of the cluster's data: a director, a web host, or one of its own",
        )


@rule("components", each=Galera)
def somebody_leads_clients(stack: Stack, name: str, galera: Galera) -> Iterator[Problem]:
    """Who has an arbitrator wants to outlive a node, and so do the clients."""
    if galera.arbitrator and not galera.holds_vip and not stack.fronts(name):
        yield Problem(
            f"{name}.vip",
            "is missing, and nothing stands before the cluster",
            "the cluster would outlive a node that its clients go on dialling",
            "give it a VIP of its own, or write a section directors",
        )


@rule("components", each=Galera)
def one_entry(stack: Stack, name: str, galera: Galera) -> Iterator[Problem]:
    """Clients come one way."""
    if galera.holds_vip and (fronts := stack.fronts(name)):
        yield Problem(
            f"{name}.vip",
            f"is given, and {fronts[0]} stand before the cluster with a VIP of theirs",
            "clients would come two ways, to two nodes at once, and a drained node would still have clients",
            f"remove it, or leave out the section {fronts[0]}",
        )


@rule(each=Galera)
def vip_has_two_homes(stack: Stack, name: str, galera: Galera) -> Iterator[Problem]:
    """A VIP that cannot move is no VIP."""
    if galera.holds_vip and len(galera.holders()) < 2 and len(set(galera.members)) > 1:
        yield Problem(
            f"{name}.vip",
            f"only {', '.join(galera.holders())} could hold it: {galera.reference_node} serves no clients",
            "its failure would cut every client off although the cluster lives",
            "leave out reference_node, or name one more member",
        )


@rule(each=Galera)
def holder_takes_all(stack: Stack, name: str, galera: Galera) -> Iterator[Problem]:
    """With a VIP there is one way in."""
    if galera.holds_vip and galera.routing == "all-nodes":
        yield Problem(
            f"{name}.routing",
            f"all-nodes contradicts {name}.vip: the node that holds it takes all clients",
            "the other nodes would get none, and flow control would be tuned for many writers",
            "leave it out; or remove the VIP and put directors before the cluster",
        )


@rule(each=Galera)
def distinct_members(stack: Stack, name: str, galera: Galera) -> Iterator[Problem]:
    """Each node once."""
    for index, host in enumerate(galera.members):
        if host in galera.members[:index]:
            yield Problem(
                f"{name}.members[{index}]",
                f"{host} is listed twice",
                "it would be joined twice and counted as two votes",
                "name each node once",
            )


@rule(each=Galera)
def reference_is_member(stack: Stack, name: str, galera: Galera) -> Iterator[Problem]:
    """The reference node is one of the cluster's."""
    if galera.reference_node is not None and galera.reference_node not in galera.members:
        yield Problem(
            f"{name}.reference_node",
            f"{galera.reference_node} is not in {name}.members ({', '.join(galera.members)})",
            "nothing could bootstrap the cluster, and joiners would wait for a donor that is not there",
            "name a member, or leave it out",
        )


@rule(each=Galera)
def discarded_are_members(stack: Stack, name: str, galera: Galera) -> Iterator[Problem]:
    """Data may be thrown away of members only, and never of all of them."""
    members, discarded = galera.members, galera.discard_data_of
    for index, host in enumerate(discarded):
        if host not in members:
            yield Problem(
                f"{name}.discard_data_of[{index}]",
                f"{host} is not in {name}.members ({', '.join(members)})",
                "the word would be for nobody, and the node that it was meant for would go on refusing",
                "name a member, or take the name away",
            )
    if members and set(members) <= set(discarded):
        yield Problem(
            f"{name}.discard_data_of",
            "all members are named",
            "no node's data would be left to form the cluster from",
            "leave out the node whose data is right; for a new, empty cluster destroy this one",
        )


@rule("hosts", each=Galera)
def disk(stack: Stack, name: str, galera: Galera) -> Iterator[Problem]:
    """The write-set cache leaves the data volume to the data."""
    for member in dict.fromkeys(galera.members):
        host = vms(stack).get(member)
        size = gcache_mib(stack, galera.gcache_size_mib, member)
        if host and size * 2 > host.data_disk_gib * 1024:
            yield Problem(
                f"hosts.{member}.data_disk_gib",
                f"{name}.gcache_size_mib {size} takes more than half of the {host.data_disk_gib} GiB volume",
                "the disk would run full of write sets, and the node would stop",
                f"write {-(-size * 2 // 1024)} or more, or lower gcache_size_mib",
            )


@rule("hosts", each=Galera, of_living=True)
def quorum_without_lost(stack: Stack, name: str, galera: Galera) -> Iterator[Problem]:
    """Voters that live are a majority of all that are declared, and one of them holds data: a lost node keeps its vote
    until it is removed.
    """
    voters, members = list(galera.voters()), list(dict.fromkeys(galera.members))
    gone, data_gone = lost(stack, voters), lost(stack, members)
    left, allowed = len(voters) - len(gone), (len(voters) - 1) // 2
    no_data = len(data_gone) == len(members)
    if left * 2 > len(voters) and not no_data:
        return
    if no_data:
        gone, allowed, left = data_gone, min(allowed, len(members) - 1), 0
    survivors = "the survivors are" if left > 1 else "the survivor is"
    if left:
        follows = (
            f"{survivors} no majority, so Galera holds {'them' if left > 1 else 'it'} non-Primary: every client is "
            "refused, lest the other side of a"
            " broken network goes on too and the data splits. That decision needs a person"
        )
        instead = (
            f"bring {back(len(gone), len(gone) - allowed)} and remove `lost` there; or, when "
            f"{'it is' if len(gone) == 1 else 'they are'} gone for good,"
            " form a Primary by hand on the survivor with the newest data (docs/runbook.md, non-Primary), then give "
            "the names of the"
            " lost to new machines: another ssh_host_key, and no `lost`"
        )
    else:
        follows = "no live host holds the data, and an empty cluster in its place would look like a recovery"
        instead = (
            "bring one of them back; or give their names to new machines (another ssh_host_key, no `lost`) and "
            "restore a backup there"
        )
    wrong = (
        f"{names_are_lost(gone)}: {left or 'none'} of {len(members) if no_data else len(voters)} Galera "
        f"{'voters' if galera.arbitrator and not no_data else 'members'} {'is' if left == 1 else 'are'} left"
    )
    yield Problem(f"hosts.{gone[allowed]}.lost", wrong, follows, instead)
