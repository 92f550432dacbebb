"""From the text that the hosts' programs print to facts. Pure functions."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from ops.facts import Agent, Clock, HostFacts, RealServer, VirtualService, Wsrep
from ops.inventory import HostEntry
from ops.probe import SAMPLE_MARK, UNITS, split_parts


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


def parse_addresses(text: str) -> dict[str, tuple[str, ...]]:
    """Addresses by interface from `ip -j addr` (ip-address(8)); empty when it is not JSON."""
    try:
        links = json.loads(text)
    except ValueError:
        return {}
    return {link["ifname"]: tuple(entry["local"] for entry in link.get("addr_info", []) if "local" in entry) for link in links if "ifname" in link}


def parse_wsrep(code: int, text: str) -> Wsrep:
    """Both samples and the variables from the client's tab-separated lines."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    variables: dict[str, str] = {}
    words: list[str] = []
    sampled = False
    for line in text.splitlines():
        name, tab, value = line.partition("\t")
        if line.startswith(SAMPLE_MARK):
            sampled = True
        elif not tab:
            words.append(line)
        elif name in ("read_only", "wsrep_reject_queries", "wsrep_node_name", "version"):
            variables[name] = value
        else:
            (last if sampled else first)[name] = value
    if not last:
        return Wsrep(error=" ".join(words) or f"the client ended with code {code} and said nothing")
    return Wsrep(first=first, last=last, variables=variables)


def parse_agent(code: int, text: str) -> Agent:
    """The status line and the body's first line of an HTTP answer."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    status = re.match(r"HTTP/\d\.\d (\d{3})", head)
    if not status:
        return Agent(status=0, words=(text.strip().splitlines() or [f"no answer (code {code})"])[-1])
    lines = body.strip().splitlines()
    return Agent(status=int(status[1]), words=lines[0] if lines else "")


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


def parse_host(host: str, entry: HostEntry, answer: str, *, sent: float, received: float) -> HostFacts:
    """All facts of a host from the probe's answer."""
    parts = split_parts(answer)
    if "clock" not in parts:
        return HostFacts(host=host, reached=False, error="the host answered with nothing that the probe prints")
    asked = [unit for role, names in UNITS.items() if entry.has(role) for unit in names]
    states = parts["units"].text.split() if "units" in parts else []
    ipvs = parts.get("ipvs")
    unread = parts.get("notinforce")
    drain = parts["draining"].text if "draining" in parts else ""
    lvsdr, sql, agent, vrrp = parts.get("lvsdr"), parts.get("sql"), parts.get("agent"), parts.get("vrrp")
    return HostFacts(
        host=host,
        reached=True,
        addresses=parse_addresses(parts["addresses"].text) if "addresses" in parts else {},
        units=dict(zip(asked, states, strict=False)),
        clock=parse_clock(parts["clock"].text, parts["chrony"].text if "chrony" in parts else None, sent=sent, received=received),
        draining=drain.partition("\n")[2].strip() if drain.startswith("yes") else None,
        rolling="rolling" in parts and parts["rolling"].code == 0,
        ipvs=parse_ipvs(ipvs.text) if ipvs and ipvs.code == 0 else None,
        ipvs_error=(ipvs.text.strip().splitlines() or ["no table"])[0] if ipvs and ipvs.code else "",
        vrrp_log=parse_vrrp_log(vrrp.text) if vrrp else None,
        lvsdr=lvsdr.code if lvsdr else None,
        lvsdr_words=lvsdr.text if lvsdr else "",
        wsrep=parse_wsrep(sql.code, sql.text) if sql else None,
        agent=parse_agent(agent.code, agent.text) if agent else None,
        not_in_force=tuple(sorted(unread.text.split())) if unread and unread.code == 0 else (),
    )
