"""The kind `directors`: the pair, the real servers behind it, and where clients connect.

Formulas of the promises: RFC 5798 section 6.1 (VRRP), keepalived's checker (retry and its pauses); the field measured
2.8 s for a killed node where these give 2.8 s. A client must notice the fault itself: its own timeouts come on top.
"""

from __future__ import annotations

from collections.abc import Mapping

from plan.context import Context
from plan.model import ComponentPlan, Endpoint, Step
from plan.parts.checks import ejection
from plan.parts.vrrp import handover, holders, skew
from plan.render import LIB
from plan.role import Role
from plan.roles.director import STEP, director_role, services
from plan.roles.realserver import realserver_role
from settings.kinds.directors.model import AGENT_DELAY, Directors
from settings.rules.forwarding import forwarded_to

FAULTS = ("director-stop", "director-kill", "realserver-stop", "realserver-kill")


def plan_directors(
    context: Context, name: str, directors: Directors, before: Mapping[str, ComponentPlan]
) -> ComponentPlan:
    """The pair's plan.

    Raises:
        ValueError: there is nothing to forward to; settings refuse that before.
    """
    backend = context.settings.backend_of(name)
    if backend is None:
        raise ValueError(f"{name}: there is nothing to forward to")
    hosts, servers = holders(context, directors), context.live(forwarded_to(context.settings, name))
    found = services(context, directors, servers, one_writer=backend.one_writer, port=backend.port)
    vips = tuple(str(vip) for vip in directors.client_vips(name).values())
    writer = Endpoint(host=str(directors.vip), port=directors.virtual_server.port)
    reader = (
        Endpoint(host=str(directors.reader.vip), port=directors.reader.virtual_server.port)
        if directors.reader
        else writer
    )
    behind = before[backend.component]
    real = {
        host: realserver_role(
            context,
            name,
            host,
            directors,
            port=backend.port,
            checkers=hosts,
            agent_port=backend.agent_port,
            step=behind.rolled,
        )
        for host in servers
    }
    roles: dict[str, tuple[Role, ...]] = {
        host: (director_role(context, name, host, directors, found, agent_port=backend.agent_port),) for host in hosts
    }
    steps = _steps(name, hosts, servers, after=behind.ready)
    vrrp = {
        "virtual_router_id": directors.virtual_router_id,
        "vrrp_version": directors.vrrp_version,
        "advert_int_s": context.settings.timers.vrrp.advert_int,
        "preempt": directors.preempt,
        "preempt_delay_s": directors.preempt_delay if directors.preempt else 0,
    }
    return ComponentPlan(
        name=name,
        kind=Directors.kind,
        system="lvs",
        roles={**roles, **{host: (*roles.get(host, ()), real[host]) for host in servers}},
        steps=steps,
        ready=tuple(step.id for step in steps if step.name.startswith("direct-")),
        endpoints={"writer": writer, "reader": reader},
        outputs={
            "directors": list(hosts),
            "real_servers": list(servers),
            "forwards_to": backend.component,
            "vips": list(vips),
            "port": writer.port,
            "lb_kind": directors.lb_kind,
            "vrrp": vrrp,
        },
        host_outputs={host: {"priority": directors.members[host].priority} for host in hosts},
        contract={"vip": writer.host, "vrrp": vrrp},
        promises=_promises(context, directors, stall=behind.stall),
    )


def _steps(name: str, hosts: tuple[str, ...], servers: tuple[str, ...], *, after: tuple[str, ...]) -> tuple[Step, ...]:
    """Real servers in; directors last, the one of lower priority first,
    so that the VIP goes where it belongs at once.
    """
    steps = [
        Step(component=name, name=f"serve-{host}", host=host, command=f"{LIB}/realserver-in", waits_for=after)
        for host in servers
    ]
    for host in reversed(hosts):
        waits = tuple(step.id for step in steps)
        steps.append(
            Step(
                component=name,
                name=f"direct-{host}",
                host=host,
                command=f"{LIB}/director-up --files",
                delivers=STEP,
                waits_for=waits,
            )
        )
    return tuple(steps)


def _promises(context: Context, directors: Directors, *, stall: float) -> dict[str, float]:
    """By fault the longest gap between acknowledged writes, rounded to hundredths of a second.

    `stall`: that of the servers behind.
    """
    timers = context.settings.timers
    agent = AGENT_DELAY if directors.virtual_server.check == "agent" else 0.0
    gaps = {
        "director-stop": handover(context, directors),
        "director-kill": 3 * timers.vrrp.advert_int + skew(context, directors),
        "realserver-stop": ejection(timers.checks, refused=True) + agent,
        "realserver-kill": max(stall, ejection(timers.checks, refused=False)),
    }
    # A director that is left alone has nobody to take over.
    alone = len(holders(context, directors)) == 1
    return {fault: round(gaps[fault], 2) for fault in FAULTS if not (alone and fault.startswith("director"))}
