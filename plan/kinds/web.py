"""The kind `web`: nginx on two hosts with a VIP, the stand-by first."""

from __future__ import annotations

from collections.abc import Mapping

from plan.context import Context
from plan.model import ComponentPlan, Endpoint, Step
from plan.parts.vrrp import handover, holders, skew
from plan.programs import program_path
from plan.roles.web import STEP, web_role
from settings.kinds.web.model import Web

#: Seconds that nginx takes to start again, and that clients take to learn who holds the VIP after a split (ARP).
RESTART, ARP_REPAIR = 1.0, 1.0


def plan_web(context: Context, name: str, web: Web, before: Mapping[str, ComponentPlan]) -> ComponentPlan:
    """The pair's plan."""
    hosts = holders(context, web)
    steps: list[Step] = []
    for host in reversed(hosts):
        steps.append(
            Step(
                component=name,
                name=f"up-{host}",
                host=host,
                command=f"{program_path('web-up')} --files",
                delivers=STEP,
                waits_for=tuple(step.id for step in steps[-1:]),
            )
        )
    scheme, port = ("https", web.tls.port) if web.tls else ("http", web.port)
    usual = {"http": 80, "https": 443}[scheme]
    return ComponentPlan(
        name=name,
        kind=Web.kind,
        system="web",
        roles={host: (web_role(context, name, host, web),) for host in hosts},
        steps=tuple(steps),
        ready=tuple(step.id for step in steps),
        endpoints={"web": Endpoint(host=str(web.vip), port=port)},
        outputs={
            "members": list(hosts),
            "vips": [str(vip) for vip in web.vips(name).values()],
            "port": web.port,
            "tls_port": web.tls.port if web.tls else None,
            "url": f"{scheme}://{web.vip}{'' if port == usual else f':{port}'}/",
            "agent_port": web.agent_port,
            "check_interval_s": web.check_interval,
            "upstream": list(web.upstream),
            "vrrp": {
                "virtual_router_id": web.virtual_router_id,
                "vrrp_version": web.vrrp_version,
                "advert_int_s": context.settings.timers.vrrp.advert_int,
                "preempt": web.preempt,
                "preempt_delay_s": web.preempt_delay if web.preempt else 0,
            },
        },
        host_outputs={host: {"priority": web.members[host].priority} for host in hosts},
        promises=_promises(context, web, alone=len(hosts) < 2),
    )


def _promises(context: Context, web: Web, *, alone: bool) -> dict[str, float]:
    """By fault the longest time (s) without an answered request. RFC 5798 section 6.1 for the VIP."""
    lag = skew(context, web)
    gaps = {"web-stop": web.check_interval + RESTART}
    if not alone:
        gaps |= {
            "director-stop": handover(context, web),
            "director-kill": 3 * context.settings.timers.vrrp.advert_int + lag,
            "vrrp-blocked": ARP_REPAIR,
        }
    return {fault: round(gap, 2) for fault, gap in gaps.items()}
