"""The kind `balancers`: haproxy hosts behind a VIP, and what they do to the promises of what lies behind them."""

from __future__ import annotations

from collections.abc import Mapping

from plan.context import Context
from plan.model import ComponentPlan, Endpoint, Step
from plan.parts.checks import ejection
from plan.parts.vrrp import holders, skew
from plan.programs import program_path
from plan.role import Role
from plan.roles.balancer import STEP, balanced_role, balancer_role
from settings.kinds.balancers.model import Balancers

#: Seconds that systemd and keepalived take to see that haproxy has ended (a file that keepalived watches).
SEEN = 0.3


def plan_balancers(
    context: Context, name: str, balancers: Balancers, before: Mapping[str, ComponentPlan]
) -> ComponentPlan:
    """The balancers' plan.

    Raises:
        ValueError: there is nothing to balance; settings refuse that before.
    """
    source, readers = context.settings.source_of(name), context.settings.readers_of(name)
    if source is None or readers is None:
        raise ValueError(f"{name}: there is nothing to send clients to")
    writes, reads = before[source.component], before[readers.component]
    hosts = holders(context, balancers)
    roles: dict[str, tuple[Role, ...]] = {
        host: (balancer_role(context, name, host, balancers, source, readers),) for host in hosts
    }
    for behind in (source, readers):
        role = balanced_role(context, name, balancers, behind.port, behind.agent_port)
        roles |= dict.fromkeys(context.live(behind.members), (role,))
    steps: list[Step] = []
    # The one of lower priority first, so that the VIP goes where it belongs at once.
    for host in reversed(hosts):
        steps.append(
            Step(
                component=name,
                name=f"balance-{host}",
                host=host,
                command=program_path("balancer-up") + " --files",
                delivers=STEP,
                waits_for=tuple(step.id for step in steps[-1:]) or (*writes.ready, *reads.ready),
            )
        )
    vip = str(balancers.vip)
    return ComponentPlan(
        name=name,
        kind=Balancers.kind,
        system="haproxy",
        roles=roles,
        steps=tuple(steps),
        ready=tuple(step.id for step in steps[-1:]),
        endpoints={
            "writer": Endpoint(host=vip, port=balancers.write_port),
            "reader": Endpoint(host=vip, port=balancers.read_port),
        },
        outputs={
            "balancers": list(hosts),
            "forwards_to": source.component,
            "reads_from": readers.component,
            "vips": [vip],
            "reads_when_all_lag": balancers.reads_when_all_lag,
            "stats_port": balancers.stats_port,
            "vrrp": {
                "preempt": balancers.preempt,
                "preempt_delay_s": balancers.preempt_delay if balancers.preempt else 0,
            },
        },
        host_outputs={host: {"priority": balancers.members[host].priority} for host in hosts},
        promises=_promises(context, balancers, writes.promises),
        read_promises=_read_promises(context, balancers),
    )


def _promises(context: Context, balancers: Balancers, behind: Mapping[str, float]) -> dict[str, float]:
    """By fault the longest gap between acknowledged writes (s). haproxy tries to connect to a writer that is silent for
    `connect_timeout` before it tries again, so a fault behind takes that much longer.
    """
    timers = context.settings.timers
    gaps = {fault: gap + timers.checks.connect_timeout for fault, gap in behind.items()}
    if len(holders(context, balancers)) > 1:
        lag = skew(context, balancers)
        gaps |= {"balancer-stop": SEEN + lag, "balancer-kill": 3 * timers.vrrp.advert_int + lag}
    return {fault: round(gap, 2) for fault, gap in gaps.items()}


def _read_promises(context: Context, balancers: Balancers) -> dict[str, float]:
    """By fault the longest gap between two answers to a client that reads (s): until haproxy's checks have seen that
    a replica is gone, or until the other balancer has the VIP.
    """
    checks = context.settings.timers.checks
    own = _promises(context, balancers, {})
    gaps = {"replica-stop": ejection(checks, refused=True), "replica-kill": ejection(checks, refused=False)}
    return own | {fault: round(gap, 2) for fault, gap in gaps.items()}
