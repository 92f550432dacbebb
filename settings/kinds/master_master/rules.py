"""Master-master pairs: two servers that can tell each other apart, and a VIP that only one of them can have."""

from __future__ import annotations

from collections.abc import Iterator

from settings.kinds.master_master.model import MasterMaster
from settings.parts.promotion import fencing_problems
from settings.problem import Problem
from settings.rules.registry import rule
from settings.rules.timers import key_of
from settings.stack import Stack

#: The gap of priorities that a pair with preemption needs, so that no tracker's weight turns the order round.
GAP = 50
#: Seconds that the promoters' questions and looks add to their timers, on the one side and on the other.
LOOKS = 1.5


@rule(each=MasterMaster)
def distinct_server_ids(stack: Stack, name: str, pair: MasterMaster) -> Iterator[Problem]:
    """A server ignores events with its own id (mariadb.com/kb, server_id)."""
    first, second = pair.servers()
    if pair.members[first].server_id == pair.members[second].server_id:
        yield Problem(
            f"{name}.members.{second}.server_id",
            f"{pair.members[second].server_id} is also the server id of {first}",
            "each server would take the other's transactions for its own and leave them out",
            "give each an id of its own, or leave both out",
        )


@rule(each=MasterMaster)
def distinct_offsets(stack: Stack, name: str, pair: MasterMaster) -> Iterator[Problem]:
    """Offsets keep AUTO_INCREMENT values of the two apart."""
    first, second = pair.servers()
    if pair.members[first].auto_increment_offset == pair.members[second].auto_increment_offset:
        yield Problem(
            f"{name}.members.{second}.auto_increment_offset",
            f"{pair.members[second].auto_increment_offset} is also the offset of {first}",
            "both servers would give out the same keys, and replication would stop at the first that meet",
            "write 1 and 2, or leave both out",
        )
    for host in (first, second):
        offset = pair.members[host].auto_increment_offset
        if offset > pair.auto_increment_increment:
            yield Problem(
                f"{name}.members.{host}.auto_increment_offset",
                f"{offset} is more than {name}.auto_increment_increment {pair.auto_increment_increment}",
                "MariaDB ignores such an offset, and both servers would give out the same keys",
                f"write 1 to {pair.auto_increment_increment}",
            )


@rule(each=MasterMaster)
def nothing_is_skipped(stack: Stack, name: str, pair: MasterMaster) -> Iterator[Problem]:
    """`slave-skip-errors` hides that two servers no longer hold the same."""
    if pair.slave_skip_errors is not None:
        yield Problem(
            f"{name}.slave_skip_errors",
            f"{pair.slave_skip_errors} would skip replication errors",
            "rows that differ would stay different without a word, and a failover would show clients other data",
            "remove it; an error that stops replication is named by `hactl status`",
        )


@rule(each=MasterMaster)
def preemption_gap(stack: Stack, name: str, pair: MasterMaster) -> Iterator[Problem]:
    """Preempting pairs have a clear order."""
    if not (pair.holds_vip and pair.preempt):
        return
    (high, one), (_, two) = sorted(pair.members.items(), key=lambda item: -item[1].priority)
    if one.priority != two.priority and one.priority - two.priority < GAP:
        yield Problem(
            f"{name}.members.{high}.priority",
            f"{one.priority} is only {one.priority - two.priority} above the other's {two.priority}, and"
            " preempt is true",
            "the order of the two is to be clear at a glance, and to leave room for trackers with a weight",
            f"write a gap of {GAP} or more, such as 150 and 100, or set preempt to false",
        )


@rule(each=MasterMaster)
def fencing_is_whole(stack: Stack, name: str, pair: MasterMaster) -> Iterator[Problem]:
    """The agent that is chosen has what it needs."""
    if pair.fencing:
        yield from fencing_problems(f"{name}.fencing", pair.fencing, pair.servers())


@rule("hosts", each=MasterMaster)
def witnesses_are_others(stack: Stack, name: str, pair: MasterMaster) -> Iterator[Problem]:
    """A witness is nobody of the pair."""
    own = {stack.hosts[host].address: host for host in pair.members if host in stack.hosts}
    for number, address in enumerate(pair.witnesses or ()):
        if address in own or address == pair.vip:
            yield Problem(
                f"{name}.witnesses[{number}]",
                f"{address} is {'the VIP' if address == pair.vip else f'the address of {own[address]}'}",
                "it would fall silent with the host, or answer from the very host that is cut off",
                "name a router, a switch, or a host that is not of the pair",
            )


@rule(each=MasterMaster)
def data_of_a_member(stack: Stack, name: str, pair: MasterMaster) -> Iterator[Problem]:
    """Data to begin with is a member's."""
    if pair.data_from is not None and pair.data_from not in pair.members:
        yield Problem(
            f"{name}.data_from",
            f"{pair.data_from} is no member of the pair",
            "nothing would be copied from it",
            f"name {' or '.join(pair.members)}, or leave it out where neither has data",
        )


@rule("components", each=MasterMaster)
def somebody_routes(stack: Stack, name: str, pair: MasterMaster) -> Iterator[Problem]:
    """Clients find the pair by its VIP, or by who stands before it."""
    if not pair.holds_vip and not stack.fronts(name):
        yield Problem(
            f"{name}.vip",
            "is missing, and nothing stands before the pair",
            "clients would have to know which of two servers takes writes",
            "give it a VIP of its own, or write a section directors",
        )


@rule(each=MasterMaster)
def routing_is_the_promoters(stack: Stack, name: str, pair: MasterMaster) -> Iterator[Problem]:
    """With a VIP there is one writer."""
    if pair.holds_vip and pair.routing == "all-masters":
        yield Problem(
            f"{name}.routing",
            f"all-masters contradicts {name}.vip: one server holds it, and the other is read-only",
            "clients at the other server would be refused",
            "leave it out; or remove the VIP and put directors before the pair",
        )


@rule(each=MasterMaster)
def blocking_needs_semi_sync(stack: Stack, name: str, pair: MasterMaster) -> Iterator[Problem]:
    """`block` is a matter of semi-sync."""
    if not pair.semi_sync.enabled and pair.semi_sync.without_peer == "block":
        yield Problem(
            f"{name}.semi_sync.without_peer",
            "block means nothing while semi_sync.enabled is false",
            "writes would be acknowledged by one server alone, although they are asked to wait",
            "set enabled to true, or without_peer to continue",
        )


@rule("timers", each=MasterMaster)
def takeover_before_timeout(stack: Stack, name: str, pair: MasterMaster) -> Iterator[Problem]:
    """With fencing: a writer that is cut off is without power before it acknowledges alone."""
    if not (pair.holds_vip and pair.fencing and pair.semi_sync.enabled and pair.semi_sync.without_peer == "continue"):
        return
    timers = stack.timers
    needed = 3 * timers.vrrp.advert_int + timers.promotion.peer_timeout + LOOKS + pair.fencing.timeout
    given = pair.semi_sync.rpl_semi_sync_master_timeout / 1000
    if given < needed:
        yield Problem(
            f"{name}.semi_sync.rpl_semi_sync_master_timeout",
            f"{given:g} s is less than the {needed:g} s in which the other server has this one fenced"
            f" ({name}.fencing.timeout {pair.fencing.timeout} s, {key_of(stack, 'peer_timeout', 'advert_int')})",
            "a writer that is cut off would acknowledge writes on its own before it is powered off, and they"
            " would be lost",
            f"write {round(needed * 1000)} or more (ms), for which writes also wait when the other server dies; or a"
            f" shorter {name}.fencing.timeout that the agent keeps; or {name}.semi_sync.without_peer: block",
        )
