"""From the text that the hosts' programs print to facts. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ops.facts import Agent, Clock, HostFacts, RealServer, VirtualService, Wsrep
from ops.inventory import HostEntry
from ops.probe import UNITS


def _endpoint(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def parse_ipvs(text: str) -> tuple[VirtualService, ...]:
    """The table that `ipvsadm -Ln` prints (ipvsadm(8)). Services by firewall mark are left out: they have no address."""
    services: list[VirtualService] = []
    current: list[RealServer] | None = None
    tables: list[list[RealServer]] = []
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 3 and words[0] == "FWM":
            current = None
        elif len(words) >= 3 and words[0] in ("TCP", "UDP", "SCTP"):
            host, port = _endpoint(words[1])
            services.append(VirtualService(host=host, port=port, scheduler=words[2], flags=" ".join(words[3:])))
            current = []
            tables.append(current)
        elif current is not None and len(words) == 6 and words[0] == "->" and words[3].lstrip("-").isdigit():
            host, port = _endpoint(words[1])
            current.append(RealServer(address=host, port=port, forward=words[2], weight=int(words[3]), active=int(words[4]), inactive=int(words[5])))
    return tuple(replace(service, servers=tuple(servers)) for service, servers in zip(services, tables, strict=True))


def parse_addresses(said: Any) -> dict[str, tuple[str, ...]]:
    """Addresses by interface."""
    return {str(interface): tuple(map(str, present)) for interface, present in (said or {}).items()}


def parse_wsrep(said: Mapping[str, Any]) -> Wsrep:
    """Both samples and the variables, or why there are none."""
    if not said.get("last"):
        return Wsrep(error=str(said.get("error") or "MariaDB answered without a wsrep figure"))
    return Wsrep(first=said["first"], last=said["last"], seconds=max(float(said["seconds"]), 0.001), variables=said["variables"])


def parse_vrrp_log(text: str) -> str | None:
    """The state that keepalived's log named last: MASTER, BACKUP or FAULT."""
    found = re.search(r"Entering (MASTER|BACKUP|FAULT) STATE", text)
    return found[1] if found else None


def parse_clock(text: str, chrony: str | None, *, sent: float, received: float) -> Clock:
    """The clock's difference, given when the question left and the answer came (this machine's clock, seconds since the epoch)."""
    try:
        theirs = float(text)
    except ValueError:
        return Clock()
    off = max(sent - theirs, theirs - received, 0.0)
    fields = (chrony or "").strip().split(",")
    return Clock(off_s=off, synced=fields[-1] != "Not synchronised" if len(fields) >= 14 else None)


def _part(said: Mapping[str, Any], name: str, role: str) -> dict[str, Any]:
    """What a command printed there, as {"code", "text"}. What is not there failed: unknown is not empty."""
    return said.get(name) or {"code": 1, "text": said.get("failed", {}).get(role) or f"the host does not know that it is a {role}: run `pulumi up`"}


def _director(said: Mapping[str, Any]) -> dict[str, Any]:
    ipvs, vrrp = _part(said, "ipvs", "director"), said.get("vrrp") or {"text": ""}
    good = ipvs["code"] == 0
    return {
        "ipvs": parse_ipvs(ipvs["text"]) if good else None,
        "ipvs_error": "" if good else (ipvs["text"].strip().splitlines() or ["no table"])[0],
        "vrrp_log": parse_vrrp_log(vrrp["text"]),
    }


def _realserver(said: Mapping[str, Any]) -> dict[str, Any]:
    lvsdr = _part(said, "lvsdr", "realserver")
    return {"lvsdr": lvsdr["code"], "lvsdr_words": lvsdr["text"]}


def _galera(said: Mapping[str, Any]) -> dict[str, Any]:
    sql = said.get("sql") or {"error": _part(said, "sql", "galera")["text"]}
    agent = said.get("agent")
    return {
        "wsrep": parse_wsrep(sql),
        "agent": Agent(**agent) if agent else Agent(status=0, words="it was not asked"),
        "draining": said.get("draining"),
        "rolling": bool(said.get("rolling")),
        "not_in_force": tuple(said.get("not_in_force") or ()),
    }


#: What each role's facts are made of; a further kind of host adds its own.
SUBJECTS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {"director": _director, "realserver": _realserver, "galera": _galera}


def parse_host(host: str, entry: HostEntry, said: Mapping[str, Any], *, sent: float, received: float) -> HostFacts:
    """All facts of a host from the object that host-facts printed there."""
    try:
        asked = [unit for role, names in UNITS.items() if entry.has(role) for unit in names]
        more: dict[str, Any] = {}
        for role, parse in SUBJECTS.items():
            if entry.has(role):
                more |= parse(said)
        return HostFacts(
            host=host,
            reached=True,
            addresses=parse_addresses(said.get("addresses")),
            units={unit: said.get("units", {}).get(unit, "unknown") for unit in asked},
            clock=parse_clock(str(said["clock"]), said.get("chrony", {}).get("text"), sent=sent, received=received),
            **more,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return HostFacts(host=host, reached=False, silence="mute", error=f"what host-facts prints there is not what hactl understands ({error!r})")
