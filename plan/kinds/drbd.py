"""The kind `drbd`: one device on two hosts, in the order in which it comes to serve."""

from __future__ import annotations

import json
from collections.abc import Mapping

from plan.context import Context
from plan.model import ComponentPlan, Endpoint, Step
from plan.parts.accounts import databases
from plan.parts.promotion import fencing_outputs
from plan.parts.vrrp import skew
from plan.programs import program_path
from plan.roles.drbd import STEP, VIP_STEP, drbd_role, vip_role
from settings.kinds.drbd.model import Drbd
from settings.parts.sizes import LEAST_REDO, redo_log_mib

#: MiB of redo log that InnoDB recovers in a second: 573 MiB took 12 s on two busy cores, with nothing cached.
RECOVERED = 50.0


def plan_drbd(context: Context, name: str, pair: Drbd, before: Mapping[str, ComponentPlan]) -> ComponentPlan:
    """The pair's plan."""
    hosts = context.live(pair.members)
    steps = _steps(context, name, pair, hosts)
    return ComponentPlan(
        name=name,
        kind=Drbd.kind,
        system="drbd",
        roles={host: (drbd_role(context, name, host, pair), vip_role(context, name, host, pair)) for host in hosts},
        steps=steps,
        ready=tuple(step.id for step in steps[-len(hosts) :]),
        endpoints={"writer": Endpoint(host=str(pair.vip), port=pair.port)} if pair.mariadb else {},
        outputs={
            "members": list(hosts),
            "port": pair.port,
            "vips": [str(pair.vip)],
            "agent_port": pair.agent_port,
            "promoter_port": pair.promoter_port,
            "drbd_port": pair.drbd_port,
            "minor": pair.minor,
            "mount_point": pair.mounted_at,
            "preempt": pair.preempt,
            "split_brain_drill": pair.split_brain_drill,
            "disks": {host: pair.disk(host) for host in hosts},
            "protocol": pair.protocol,
            "verify_alg": pair.verify_alg,
            "verify_schedule": pair.verifies,
            "mariadb": pair.mariadb,
            "fencing": pair.fencing is not None,
            **fencing_outputs(context, name, pair.fencing, tuple(pair.members)),
        },
        host_outputs={host: {"priority": pair.members[host].priority} for host in hosts},
        promises=_promises(context, name, pair, alone=len(hosts) == 1),
        rolled=STEP,
        keeps_accounts=pair.mariadb,
    )


def _accounts(context: Context, name: str) -> str:
    """What `drbd-accounts` reads on standard input (JSON, secret)."""
    return json.dumps(
        {"root_password": context.secrets.password("root-password", name), "databases": databases(context, name)},
        sort_keys=True,
    )


def _steps(context: Context, name: str, pair: Drbd, hosts: tuple[str, ...]) -> tuple[Step, ...]:
    """Disks attached on both, the host that is offered the VIP first last; the first sync, the file system and the data
    directory from there; the VIP; accounts where MariaDB serves then.
    """
    steps: list[Step] = []

    def add(step: str, host: str, command: str, *, stdin: str | None = None, delivers: str | None = None) -> None:
        steps.append(
            Step(
                component=name,
                name=step,
                host=host,
                command=program_path(command),
                waits_for=tuple(step.id for step in steps[-1:]),
                stdin=stdin,
                delivers=delivers,
            )
        )

    for host in reversed(hosts):
        add(f"up-{host}", host, "drbd-up", delivers=STEP)
    add("form", hosts[0], "drbd-form")
    for host in hosts:
        add(f"promoter-{host}", host, "vip-up --promoter")
    for host in hosts:
        add(f"vip-{host}", host, "vip-up --files", delivers=VIP_STEP)
    for host in hosts if pair.mariadb else ():
        add(f"accounts-{host}", host, "drbd-accounts", stdin=_accounts(context, name))
    return tuple(steps)


def _promises(context: Context, name: str, pair: Drbd, *, alone: bool) -> dict[str, float]:
    """By fault the longest gap between acknowledged writes (s): RFC 5798 section 6.1 for the VIP, drbd.conf-8.4(5) for
    the connection, the promoter's looks, then what is allowed for MariaDB's end on the one host and its start on the
    other. With fencing all the time that its agent gets, too: a Primary that has lost its peer holds writes back for
    it, and where the promoters still hear each other it first waits for the connection (drbd_fencing).
    """
    if alone or not pair.mariadb:
        return {}
    settings, timers = context.settings, context.settings.timers
    lag, look = skew(context, pair), 0.5
    silence = timers.drbd.drbd_ping_int + timers.drbd.drbd_ping_timeout
    agent = pair.fencing.timeout if pair.fencing else 0
    unheard = max(timers.promotion.peer_timeout + 0.3, silence)
    takeover = max(3 * timers.vrrp.advert_int + lag, unheard) + agent
    recovery = (redo_log_mib(settings, name, pair) - LEAST_REDO) / RECOVERED
    start = timers.serving.drbd_start
    # an orderly end leaves nothing to recover; one that takes too long is cut short
    handover = look + lag + look + timers.serving.drbd_stop + start
    gaps = {
        "switchover": handover,
        "primary-stop": handover,
        "primary-kill": takeover + look + start + max(recovery, 0.0),
        "secondary-kill": unheard + agent if pair.fencing else silence,
        "link-cut": silence + timers.promotion.hang_timeout + agent if pair.fencing else silence,
        "disk-error": handover,
    }
    return {fault: round(gap, 2) for fault, gap in gaps.items()}
