"""Hosts that are declared lost: what is left must be able to go on without them."""

from __future__ import annotations

from collections.abc import Iterator

from settings.problem import Problem, listed
from settings.rules.lvs import servers
from settings.rules.machines import lost
from settings.rules.registry import rule
from settings.stack import Stack


def _are(names: list[str]) -> str:
    return f"{listed(names)} {'is' if len(names) == 1 else 'are'} lost"


def _back(gone: int, needed: int) -> str:
    return "it back" if gone == 1 else f"{'one' if needed == 1 else needed} of them back"


def majority(stack: Stack) -> bool:
    """True where the members that live are more than half of those declared, or there is no cluster."""
    members = set(stack.galera.members) if stack.galera else set()
    return not members or (len(members) - len(lost(stack, members))) * 2 > len(members)


@rule("hosts", "galera", going_on=True)
def quorum_without_lost(stack: Stack) -> Iterator[Problem]:
    """Members that live are a majority of all that are declared: a lost node keeps its vote until it is removed."""
    if not stack.galera or majority(stack):
        return
    members = list(dict.fromkeys(stack.galera.members))
    gone = lost(stack, members)
    left, allowed = len(members) - len(gone), (len(members) - 1) // 2
    survivors = "the survivors are" if left > 1 else "the survivor is"
    if left:
        follows = (
            f"{survivors} no majority, so Galera holds {'them' if left > 1 else 'it'} non-Primary: every client is refused, lest the other side of a"
            " broken network goes on too and the data splits. That decision needs a person"
        )
        instead = (
            f"bring {_back(len(gone), len(gone) - allowed)} and remove `lost` there; or, when {'it is' if len(gone) == 1 else 'they are'} gone for good,"
            " form a Primary by hand on the survivor with the newest data (docs/runbook.md, non-Primary), then give the names of the"
            " lost to new machines: another ssh_host_key, and no `lost`"
        )
    else:
        follows = "no live host holds the data, and an empty cluster in its place would look like a recovery"
        instead = "bring one of them back; or give their names to new machines (another ssh_host_key, no `lost`) and restore a backup there"
    wrong = f"{_are(gone)}: {left or 'none'} of {len(members)} Galera members {'is' if left == 1 else 'are'} left"
    yield Problem(f"hosts.{gone[allowed]}.lost", wrong, follows, instead)


@rule("hosts", "directors", "galera", going_on=True)
def server_without_lost(stack: Stack) -> Iterator[Problem]:
    """Someone behind the VIP lives."""
    names = [name for name in servers(stack) if name in stack.hosts]
    gone = lost(stack, names)
    if names and gone == list(dict.fromkeys(names)) and majority(stack):
        yield Problem(
            f"hosts.{gone[-1]}.lost",
            f"{_are(gone)}, and no other node serves clients",
            "the VIP would lead nowhere although the cluster lives",
            f"bring {_back(len(gone), 1)}; or let another node serve: name it in directors.real_servers, or leave out galera.reference_node",
        )


@rule("hosts", "directors", going_on=True)
def director_without_lost(stack: Stack) -> Iterator[Problem]:
    """Someone holds the VIP."""
    names = [name for name in (stack.directors.members if stack.directors else ()) if name in stack.hosts]
    gone = lost(stack, names)
    if names and gone == names:
        yield Problem(
            f"hosts.{gone[-1]}.lost",
            f"{_are(gone)}, and there is no other director",
            "no host would hold the VIP, and every client would be cut off",
            f"bring {_back(len(gone), 1)}; or name new hosts in directors.members and in hosts",
        )
