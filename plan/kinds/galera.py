"""The kind `galera`: nodes, the order in which they come to serve, and what is said of the cluster."""

from __future__ import annotations

import json
from collections.abc import Mapping

from plan.context import Context
from plan.model import ComponentPlan, Endpoint, Step
from plan.parts import vrrp, watched_vip
from plan.parts.accounts import databases
from plan.render import LIB
from plan.role import Role
from plan.roles.arbitrator import STEP as ARBITRATOR_STEP
from plan.roles.arbitrator import arbitrator_role
from plan.roles.galera import SST_USER, STEP, arbitrator, eviction, galera_role, reference
from settings.kinds.galera.model import Galera

#: Patience for one node's state transfer, in seconds: a large database takes hours (components.ssh.STEP_TIMEOUT is
#: longer).
JOIN_TIMEOUT = 21_000
#: mariadb.com/kb, wsrep_reject_queries: clients are told that their connection ends, while they can be told.
HUSH, SPEAK = "SET GLOBAL wsrep_reject_queries=ALL_KILL", "SET GLOBAL wsrep_reject_queries=NONE"


def plan_galera(context: Context, name: str, galera: Galera, before: Mapping[str, ComponentPlan]) -> ComponentPlan:
    """The cluster's plan."""
    nodes, first = context.live(galera.in_order()), reference(context, galera)
    voter, vips = arbitrator(context, galera), tuple(str(vip) for vip in galera.vips(name).values())
    may_hold = vrrp.holders(context, galera)
    steps = _steps(context, name, nodes, voter=voter, may_hold=may_hold)
    serving = context.live(galera.serving())
    entry = _entry(context, name, galera, serving)
    roles: dict[str, tuple[Role, ...]] = {
        node: (galera_role(context, name, node, galera), *((Role(name="reference"),) if node == first else ()))
        for node in nodes
    }
    for host in may_hold:
        roles[host] = (
            *roles[host],
            watched_vip.vip_role(context, name, host, galera, vips=vips, hush=HUSH, speak=SPEAK),
        )
    if voter:
        roles[voter] = (arbitrator_role(context, name, voter, galera),)
    facts = {
        "cluster_name": galera.cluster_name,
        "size": len(nodes),
        "routing": galera.routing,
        "reference_node": first,
        "agent_port": galera.agent_port,
        "port": galera.port,
    }
    return ComponentPlan(
        name=name,
        kind=Galera.kind,
        system="galera",
        roles=roles,
        steps=steps,
        ready=tuple(step.id for step in steps if step.name == "settle"),
        endpoints={"writer": entry, "reader": entry} if entry else {},
        outputs={
            **facts,
            "nodes": list(nodes),
            "serving": list(serving),
            **({"arbitrator": voter} if voter else {}),
            **({"vips": list(vips), "preempt": galera.preempt, "preempt_delay_s": _delay(galera)} if vips else {}),
        },
        host_outputs={host: {"priority": galera.holders()[host].priority} for host in may_hold},
        contract={"galera": facts},
        promises=_promises(context, galera, may_hold, voter),
        stall=eviction(context.settings.timers.evs),
        keeps_accounts=True,
        rolled=STEP,
        votes=(*nodes, *((voter,) if voter else ())),
    )


def _entry(context: Context, name: str, galera: Galera, serving: tuple[str, ...]) -> Endpoint | None:
    """Where clients connect: the cluster's own VIP, else the first node that serves; None behind somebody else."""
    if galera.vip:
        return Endpoint(host=str(galera.vip), port=galera.port)
    if serving and not context.settings.fronts(name):
        return Endpoint(host=context.address(serving[0]), port=galera.port)
    return None


def _delay(galera: Galera) -> int:
    """Seconds before the VIP is taken back, where it is."""
    return galera.preempt_delay if galera.preempt else 0


def _promises(context: Context, galera: Galera, may_hold: tuple[str, ...], voter: str | None) -> dict[str, float]:
    """By fault the longest gap between acknowledged writes (s), where the cluster has a VIP: VRRP moves it (RFC 5798
    section 6.1), while Galera stalls all writes until it has evicted who is silent. Whoever is left alone has nobody
    to take over.
    """
    if len(may_hold) < 2:
        return {}
    stall = eviction(context.settings.timers.evs)
    gaps = {
        "node-stop": watched_vip.NOTICE + vrrp.skew(context, galera),
        "node-kill": max(watched_vip.takeover(context, galera), stall),
        **({"arbitrator-kill": stall} if voter else {}),
    }
    return {fault: round(gap, 2) for fault, gap in gaps.items()}


def _accounts(context: Context, name: str) -> str:
    """What `galera-accounts` reads on standard input (JSON, secret)."""
    return json.dumps(
        {
            "sst": {"user": SST_USER, "password": context.secrets.password("sst-password", name)},
            "root_password": context.secrets.password("root-password", name),
            "databases": databases(context, name),
        },
        sort_keys=True,
    )


def _steps(
    context: Context, name: str, nodes: tuple[str, ...], *, voter: str | None, may_hold: tuple[str, ...]
) -> tuple[Step, ...]:
    """Configuration node by node; nodes that come with data woken; then bootstrap, accounts, joins one after the other,
    the arbitrator, the bootstrap node restarted as a normal member; then the VIP, offered to its first holder first.

    On a living cluster a changed configuration rolls: only the first steps have something to do. Where there is a VIP
    its first holder is changed last, so that clients are moved as seldom as can be.
    """
    first, others = nodes[0], nodes[1:]
    steps: list[Step] = []

    def add(
        step: str,
        host: str,
        command: str,
        *,
        after: tuple[str, ...],
        stdin: str | None = None,
        delivers: str | None = None,
    ) -> None:
        program = f"{LIB}/{command}"
        steps.append(
            Step(component=name, name=step, host=host, command=program, waits_for=after, stdin=stdin, delivers=delivers)
        )

    for node in reversed(nodes) if may_hold else nodes:
        add(f"roll-{node}", node, "galera-roll", after=tuple(step.id for step in steps[-1:]), delivers=STEP)
    rolled = (steps[-1].id,)
    for node in others:
        add(f"wake-{node}", node, "galera-wake", after=rolled)
    add("bootstrap", first, "galera-bootstrap", after=tuple(f"{name}-wake-{node}" for node in others) or rolled)
    add("accounts", first, "galera-accounts", after=(steps[-1].id,), stdin=_accounts(context, name))
    for node in others:
        add(f"join-{node}", node, f"galera-join --timeout {JOIN_TIMEOUT}", after=(steps[-1].id,))
    if voter:
        add(f"arbitrate-{voter}", voter, "arbitrator-up --files", after=(steps[-1].id,), delivers=ARBITRATOR_STEP)
    add("settle", first, "galera-settle", after=(steps[-1].id,))
    for host in may_hold:
        add(f"vip-{host}", host, "watched-vip-up --files", after=(steps[-1].id,), delivers=watched_vip.STEP)
    return tuple(steps)
