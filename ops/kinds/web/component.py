"""A web pair, as `hactl` sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from ops.component import Caution, Component, Delivery, FaultKind, Pages, Scripted, Service, Unit
from ops.hosts.facts import HostFacts
from ops.inventory import ComponentEntry, Inventory, Model
from ops.kinds.web.changes import NOTICES, cautions
from ops.kinds.web.drills import FAULTS, NGINX, VRRP_BLOCKED, WEB_STOP, block_vrrp
from ops.roles import agent, vrrp
from ops.status.cells import clock_cell, unreached_cell
from ops.status.finding import Finding

UNITS = (
    Unit(
        name=NGINX.unit,
        follows="this host can serve nobody; its own look starts nginx again, or gives up the VIP",
        todo="journalctl -u nginx -t web-check for why it ended, then systemctl start nginx",
    ),
    vrrp.UNIT,
    Unit(
        name=agent.UNIT.name,
        follows="nobody is told that nginx is down here, or that both hosts hold the VIP",
        todo=agent.UNIT.todo,
    ),
)
#: Patience for one host that takes its files, in seconds.
PATIENCE = 600.0
#: Seconds beyond a look until nginx is up again.
MARGIN = 2.0


@dataclass(frozen=True, kw_only=True)
class Nginx:
    """What a host said of its nginx. `log`: what its own look wrote last; empty: it never had to."""

    version: str
    log: str


class VrrpDetails(Model):
    """VRRP as declared; times in seconds."""

    preempt: bool = True
    preempt_delay_s: float = 0.0


class Details(Model):
    """What the outputs say of the pair."""

    members: tuple[str, ...]
    vips: tuple[str, ...]
    url: str
    tls_port: int | None = None
    agent_port: int = 9200
    check_interval_s: float = 3.0
    upstream: tuple[str, ...] = ()
    vrrp: VrrpDetails = VrrpDetails()


class Web(Component):
    """See the module."""

    faults = FAULTS
    notices = NOTICES

    @classmethod
    def cautions(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Caution]:
        """See `Component.cautions`."""
        return cautions(before, after)

    def __init__(self, name: str, entry: ComponentEntry, inventory: Inventory, behind: Component | None = None) -> None:
        super().__init__(name, entry, inventory, behind)
        self.said = self.details(Details)
        self.members = self.said.members
        self.vrrp = vrrp.Vrrp(
            priorities={host: self.host(host).priority or 0 for host in self.members},
            vips=self.said.vips,
            preempt=self.said.vrrp.preempt,
            preempt_delay=self.said.vrrp.preempt_delay_s,
            member="web host",
            members="the web hosts",
            split="clients reach now one, now the other; both show the same",
        )

    # Status.

    def units(self, host: str) -> tuple[Unit, ...]:
        """See `Component.units`."""
        return UNITS if host in self.members else ()

    def parse(self, host: str, said: Mapping[str, Any]) -> Iterable[object]:
        """See `Component.parse`."""
        found = said.get("web")
        nginx = Nginx(version=found["version"], log=found["log"]) if found else None
        return [part for part in (nginx, vrrp.parse_vrrp_log(said), agent.parse_agent(said)) if part is not None]

    def lost(self, host: str) -> str:
        """See `Component.lost`."""
        return "the web pair has no redundancy" if host in self.members else ""

    def findings(self, facts: Mapping[str, HostFacts]) -> list[Finding]:
        """See `Component.findings`."""
        found = self.vrrp.findings(facts)
        for host in self.members:
            if facts[host].reached and facts[host].active(vrrp.SERVICE.unit):
                found += self.vrrp.fault_findings(host, facts[host])
        return found

    def host_findings(self, host: str, facts: HostFacts) -> list[Finding]:
        """See `Component.host_findings`."""
        said = facts.part(agent.Agent)
        if host not in self.members or said is None or said.status in (200, 404) or not facts.active(NGINX.unit):
            return []
        holds = bool(self.vrrp.held(facts))
        return [
            Finding(
                host=host,
                what=f"the health agent says {said.status or 'nothing'}: {said.words}",
                follows="clients see it: this host has the VIP" if holds else "no client sees it before a failover",
                todo="mend what the agent names (journalctl -u mariadb-ha-agent -t web-check)",
            )
        ]

    def report(self, facts: Mapping[str, HostFacts]) -> Iterable[RenderableType]:
        """See `Component.report`."""
        heads = ("web host", "address", "priority", "VRRP", "holds", "nginx", "agent", "clock")
        table = Table(*heads, title=self.title(f"Web pair, {self.said.url}"), title_justify="left")
        for host, priority in self.vrrp.priorities.items():
            mine = facts[host]
            said = (
                self.vrrp.state_cell(mine),
                " ".join(self.vrrp.held(mine)) or "–",
                _nginx_cell(mine),
                agent.agent_cell(mine.part(agent.Agent)),
                clock_cell(mine),
            )
            shown = said if mine.reached else (unreached_cell(mine), *("?",) * 4)
            table.add_row(host, self.host(host).address, str(priority or ""), *shown)
        yield table
        for host in self.members:
            nginx = facts[host].part(Nginx) if facts[host].reached else None
            if nginx and nginx.log:
                yield escape(f"{host}: last word of its look at nginx: {nginx.log}")

    def host_json(self, host: str, facts: HostFacts) -> dict[str, Any]:
        """See `Component.host_json`."""
        said: dict[str, Any] = {"vrrp_state": self.vrrp.state(facts), "vips": self.vrrp.held(facts)}
        if nginx := facts.part(Nginx):
            said["nginx"] = asdict(nginx)
        if found := facts.part(agent.Agent):
            said["agent"] = asdict(found)
        return said

    def vip_holders(self, facts: Mapping[str, HostFacts]) -> dict[str, list[str]]:
        """See `Component.vip_holders`."""
        return {vip: self.vrrp.holders(facts, vip) for vip in self.vrrp.vips}

    def versions(self, facts: Mapping[str, HostFacts]) -> dict[str, set[str]]:
        """See `Component.versions`."""
        return {"nginx": {said.version for host in self.members if (said := facts[host].part(Nginx))}}

    # Drift.

    def deliveries(self) -> tuple[Delivery, ...]:
        """See `Component.deliveries`. The lower priority first, so that the stand-by takes a mistake first."""
        hosts = tuple(sorted(self.members, key=lambda host: self.vrrp.priorities[host]))
        words = NOTICES["web"].words
        return (Delivery(owner_set="web", hosts=hosts, command="web-up --recorded", patience=PATIENCE, words=words),)

    # Drills.

    @property
    def service(self) -> Service:
        """See `Component.service`."""
        return NGINX

    def pages(self) -> Pages:
        """See `Component.pages`."""
        endpoint = self.entry.endpoints["web"]
        nodes = {host: self.host(host).address for host in self.members}
        tls = self.said.tls_port == endpoint.port
        return Pages(endpoint=endpoint, tls=tls, nodes=nodes, alike=not self.said.upstream)

    def targets(self, fault: FaultKind) -> tuple[str, ...]:
        """See `Component.targets`."""
        return self.members

    def first_target(self, fault: FaultKind, facts: Mapping[str, HostFacts]) -> str | None:
        """See `Component.first_target`: the host that holds the VIP."""
        held = self.vrrp.holders(facts, self.vrrp.vips[0])
        return held[0] if held else None

    def stopped(self, fault: FaultKind) -> Service | None:
        """See `Component.stopped`."""
        return NGINX if fault == WEB_STOP else vrrp.SERVICE

    def scripted(self, fault: FaultKind, host: str) -> Scripted | None:
        """See `Component.scripted`."""
        return block_vrrp(host) if fault == VRRP_BLOCKED else None

    def up_script(self, host: str) -> str:
        """See `Component.up_script`."""
        return f"systemctl is-active --quiet {NGINX.unit} {vrrp.SERVICE.unit}"

    def pause(self, fault: FaultKind, host: str) -> float:
        """See `Component.pause`: for a look at nginx, or for VRRP."""
        return self.said.check_interval_s + MARGIN if fault == WEB_STOP else self.vrrp.pause(host)

    def not_healed(self, facts: Mapping[str, HostFacts]) -> str:
        """See `Component.not_healed`: the VIP is back where the priorities want it."""
        return self.vrrp.not_healed(facts)


def _nginx_cell(facts: HostFacts) -> str:
    if not facts.active(NGINX.unit):
        return f"[red]{facts.units.get(NGINX.unit, 'unknown')}[/]"
    said = facts.part(Nginx)
    return f"[green]active[/] {escape(said.version) if said else ''}".strip()
