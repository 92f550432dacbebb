"""Machines that are none of the stack and claim a VIP of it on the link, or speak its virtual router id."""

from __future__ import annotations

from collections.abc import Mapping

from ops.hosts.facts import HostFacts
from ops.hosts.link import Link
from ops.inventory import Inventory
from ops.status.finding import Finding


def _not_told(facts: Mapping[str, HostFacts]) -> list[str]:
    """Hosts whose hardware addresses are not known: what looks strange may be theirs."""
    return [host for host, one in facts.items() if not one.hardware]


def _claimed(vip: str, mac: str, heard_by: list[str], not_told: list[str]) -> Finding:
    where = " and ".join(heard_by)
    follows = "clients on the link reach it instead of the stack, now and then or always"
    if not_told:
        return Finding(
            host="stack",
            what=f"{mac} answers for the VIP {vip} on the link of {where}, and is no host that told its address",
            follows=f"it is {' or '.join(not_told)}, or a stranger: then {follows}",
            todo=f"ask again when {' and '.join(not_told)} can be asked; docs/runbook.md, a stranger on the link",
            severity="unknown",
        )
    return Finding(
        host="stack",
        what=f"a stranger, {mac}, answers for the VIP {vip} on the link of {where}",
        follows=follows,
        todo="find it by the switch's table of MAC addresses (`ip neigh` on its hosts), and take the address off it;"
        " docs/runbook.md, a stranger on the link",
    )


def _speaks(source: str, priority: int, link: Link, heard_by: list[str]) -> Finding:
    where = " and ".join(heard_by)
    return Finding(
        host="stack",
        what=f"a stranger, {source}, speaks virtual_router_id {link.virtual_router_id} (priority {priority}) on the"
        f" link of {where}",
        follows="keepalived hears its peers only (unicast), so the VIP stays; what shares that id by multicast does not"
        if link.unicast
        else "the two groups take each other for one: whichever has the higher priority silences the other's holder",
        todo="give it, or this component, another virtual_router_id",
        severity="warning" if link.unicast else "problem",
    )


def stranger_findings(inventory: Inventory, facts: Mapping[str, HostFacts]) -> list[Finding]:
    """Strangers, each once, whoever heard them; and hosts that could not listen."""
    ours = {mac for one in facts.values() for mac in one.hardware}
    addresses = {entry.address for entry in inventory.hosts.values()}
    addresses |= {address for one in facts.values() for present in one.addresses.values() for address in present}
    claims: dict[tuple[str, str], list[str]] = {}
    speakers: dict[tuple[str, int], tuple[int, Link, list[str]]] = {}
    found = []
    for host, one in facts.items():
        for link in one.links:
            for vip, macs in link.claims.items():
                for mac in set(macs) - ours:
                    claims.setdefault((vip, mac), []).append(host)
            for source, priority in link.adverts.items():
                if source not in addresses:
                    key = (source, link.virtual_router_id)
                    speakers.setdefault(key, (priority, link, []))[2].append(host)
        if one.link_error:
            found.append(
                Finding(
                    host=host,
                    what=f"it could not listen on its link ({one.link_error})",
                    follows="whether a stranger claims a VIP could not be told",
                    todo="see that the interface of its VRRP instance is up; ask again",
                    severity="warning",
                )
            )
    not_told = _not_told(facts)
    found += [_claimed(vip, mac, hosts, not_told) for (vip, mac), hosts in sorted(claims.items())]
    found += [_speaks(source, *speakers[source, number]) for source, number in sorted(speakers)]
    return found
