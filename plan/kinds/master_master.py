"""The kind `master_master`: two servers that replicate each other, in the order in which they come to serve."""

from __future__ import annotations

import json
from collections.abc import Mapping

from plan.context import Context
from plan.model import ComponentPlan, Endpoint, Login, Step
from plan.parts.accounts import databases
from plan.parts.promotion import fencing_outputs
from plan.parts.vrrp import skew
from plan.programs import program_path
from plan.role import Role
from plan.roles.master import REPLICATION_USER, STEP, VIP_STEP, account, data_first, master_role, vip_role
from settings.kinds.master_master.model import MasterMaster


def plan_master_master(
    context: Context, name: str, pair: MasterMaster, before: Mapping[str, ComponentPlan]
) -> ComponentPlan:
    """The pair's plan."""
    hosts = context.live(pair.servers())
    steps = _steps(context, name, pair, hosts)
    entry = Endpoint(host=str(pair.vip), port=pair.port) if pair.vip else None
    roles: dict[str, tuple[Role, ...]] = {host: (master_role(context, name, host, pair),) for host in hosts}
    if pair.vip:
        roles = {host: (*own, vip_role(context, name, host, pair)) for host, own in roles.items()}
    return ComponentPlan(
        name=name,
        kind=MasterMaster.kind,
        system="master-master",
        roles=roles,
        steps=steps,
        ready=tuple(step.id for step in steps[-len(hosts) :]),
        endpoints={"writer": entry} if entry else {},
        outputs={
            "masters": list(hosts),
            "port": pair.port,
            "routing": pair.routing,
            "vips": [str(vip) for vip in pair.vips(name).values()],
            "agent_port": pair.agent_port,
            "semi_sync": pair.semi_sync.enabled,
            "fencing": pair.fencing is not None,
            "preempt": pair.preempt,
            **fencing_outputs(context, name, pair.fencing, pair.servers()),
            **({"promoter_port": pair.promoter_port} if pair.vip else {}),
        },
        host_outputs={host: {"priority": pair.members[host].priority} for host in hosts} if pair.vip else {},
        promises=_promises(context, pair, alone=len(hosts) == 1) if pair.vip else {},
        stall=_stall(context, pair),
        rolled=STEP,
        keeps_accounts=True,
        replication=Login(user=REPLICATION_USER, password=context.secrets.password("replication-password", name)),
    )


def _accounts(context: Context, name: str, pair: MasterMaster) -> str:
    """What `master-accounts` reads on standard input (JSON, secret): the replication account may come from the other
    server, and from those of components that follow the pair.
    """
    settings = context.settings
    followers = (host for each in settings.followers(name) for _, host in settings.components[each].named_hosts(each))
    return json.dumps(
        {
            "replication": {
                "user": REPLICATION_USER,
                "hosts": list(context.addresses(context.live((*pair.servers(), *followers)))),
                "password": context.secrets.password("replication-password", name),
            },
            "root_password": context.secrets.password("root-password", name),
            "databases": databases(context, name),
        },
        sort_keys=True,
    )


def _steps(context: Context, name: str, pair: MasterMaster, hosts: tuple[str, ...]) -> tuple[Step, ...]:
    """Servers up one after the other, the preferred writer last, so that a change of its configuration finds the
    other one serving, or the one whose data the pair begins with first, since the other is made a copy of it;
    accounts on the one that takes writes; replication both ways; then the VIP, offered to the preferred writer first.
    """
    steps: list[Step] = []

    def add(step: str, host: str, command: str, *, stdin: str | None = None, delivers: str | None = None) -> None:
        after = tuple(step.id for step in steps[-1:])
        steps.append(
            Step(
                component=name,
                name=step,
                host=host,
                command=program_path(command),
                waits_for=after,
                stdin=stdin,
                delivers=delivers,
            )
        )

    for host in data_first(context, pair) if pair.data_from else reversed(hosts):
        add(f"up-{host}", host, "master-up", delivers=STEP)
    for host in hosts:
        add(f"accounts-{host}", host, "master-accounts", stdin=_accounts(context, name, pair))
    for host in reversed(hosts):
        add(f"connect-{host}", host, "master-connect", stdin=account(context, name))
    for host in hosts if pair.vip else ():
        add(f"promoter-{host}", host, "vip-up --promoter")
    for host in hosts if pair.vip else ():
        add(f"vip-{host}", host, "vip-up --files", delivers=VIP_STEP)
    return tuple(steps)


def _stall(context: Context, pair: MasterMaster) -> float:
    """Seconds for which writes wait for a replica whose host fell silent: until semi-sync gives up, or until
    master-watch, which looks every 0.4 s and waits as long for an answer, has closed its connection.
    """
    if not pair.semi_sync.enabled or pair.vip:
        return 0.0
    timeout = pair.semi_sync.rpl_semi_sync_master_timeout / 1000
    return min(timeout, context.settings.timers.promotion.peer_timeout + 2 * 0.4)


def _promises(context: Context, pair: MasterMaster, *, alone: bool) -> dict[str, float]:
    """By fault the longest gap between acknowledged writes (s). RFC 5798 section 6.1 for the VIP; then the promoter's
    own looks, and all the time that a fencing agent gets. Where writes wait for the other server however long it is
    gone, nothing is promised but of a planned change.
    """
    if alone:
        return {}
    timers = context.settings.timers
    lag, look = skew(context, pair), 0.5
    agent = pair.fencing.timeout if pair.fencing else 0
    takeover = max(3 * timers.vrrp.advert_int + lag, timers.promotion.peer_timeout + 0.3)
    gaps = {
        "switchover": lag + look,
        "writer-stop": look + lag + look,
        "writer-kill": takeover + look + agent,
        "link-cut": takeover + 2 * look + agent,
        "writer-hang": timers.promotion.hang_timeout + 1.0 + lag + 2 * look,
        "standby-kill": pair.semi_sync.rpl_semi_sync_master_timeout / 1000 if pair.semi_sync.enabled else 0.0,
    }
    blocks = pair.semi_sync.enabled and pair.semi_sync.without_peer == "block"
    return {fault: round(gap, 2) for fault, gap in gaps.items() if fault == "switchover" or not blocks}
