"""From the text that the hosts' programs print to facts. Pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ops.facts import Agent, Clock, HostFacts, RealServer, VirtualService, Wsrep
from ops.inventory import HostEntry
from ops.probe import SAMPLE, SAMPLE_MARK, UNITS

#: A command's code when it was not waited for any longer (timeout(1)).
TIMED_OUT = 124


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


def _seconds(text: str) -> float:
    """How long it was between the samples; never less than the pause itself."""
    try:
        return max(float(text), SAMPLE)
    except ValueError:
        return SAMPLE


def parse_wsrep(code: int, text: str) -> Wsrep:
    """Both samples and the variables from the client's tab-separated lines."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    variables: dict[str, str] = {}
    words: list[str] = []
    sampled, span = False, SAMPLE
    for line in text.splitlines():
        name, tab, value = line.partition("\t")
        if line.startswith(SAMPLE_MARK):
            sampled, span = True, _seconds(line.removeprefix(SAMPLE_MARK))
        elif not tab:
            words.append(line)
        elif name in ("read_only", "wsrep_reject_queries", "wsrep_node_name", "version"):
            variables[name] = value
        else:
            (last if sampled else first)[name] = value
    if not last:
        error = " ".join(words) or f"the client ended with code {code} and said nothing"
        return Wsrep(error=error, slow=code == TIMED_OUT)
    return Wsrep(first=first, last=last, variables=variables, span=span)


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


def parse_answer(text: str) -> dict[str, Any] | None:
    """The program's object; None when it is not there. What a login prints before it is passed over."""
    for line in reversed(text.splitlines()):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and "clock" in found:
            return found
    return None


def _wsrep(said: Mapping[str, Any]) -> Wsrep | None:
    return parse_wsrep(said["wsrep"]["code"], said["wsrep"]["text"]) if "wsrep" in said else None


def parse_host(host: str, entry: HostEntry, answer: str, *, sent: float, received: float) -> HostFacts:
    """All facts of a host from what host-facts printed."""
    said = parse_answer(answer)
    if said is None:
        words = (answer.strip().splitlines() or ["nothing"])[-1]
        return HostFacts(host=host, reached=False, unknown=True, error=f"it answered, but not with its facts: {words}")
    asked = [unit for role, names in UNITS.items() if entry.has(role) for unit in names]
    ipvs, lvsdr, agent = said.get("ipvs"), said.get("lvsdr"), said.get("agent")
    return HostFacts(
        host=host,
        reached=True,
        addresses={name: tuple(present) for name, present in said.get("addresses", {}).items()},
        units={unit: said["units"].get(unit, "unknown") for unit in asked},
        clock=parse_clock(str(said["clock"]), said.get("chrony"), sent=sent, received=received),
        draining=said.get("draining"),
        rolling=said.get("rolling", False),
        ipvs=parse_ipvs(ipvs["text"]) if ipvs and ipvs["code"] == 0 else None,
        ipvs_error=(ipvs["text"].strip().splitlines() or ["no table"])[0] if ipvs and ipvs["code"] else "",
        vrrp_log=parse_vrrp_log(said.get("vrrp_log") or ""),
        lvsdr=lvsdr["code"] if lvsdr else None,
        lvsdr_words=lvsdr["text"] if lvsdr else "",
        wsrep=_wsrep(said),
        agent=Agent(status=agent["status"], words=agent["words"], seconds=agent["seconds"]) if agent else None,
        not_in_force=tuple(said.get("not_in_force", ())),
        failed=said.get("failed", {}),
    )
