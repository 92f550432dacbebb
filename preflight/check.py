"""All bare-metal hosts at the same time, all problems at once."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from plan.context import Context
from plan.model import Plan
from preflight.facts import Facts, facts_of, sections_of
from preflight.ssh import PATIENCE, Runner, command, keys, run
from preflight.unfit import unfit
from preflight.unreached import why
from settings.problem import Problem

SCRIPT = Path(__file__).with_name("facts.sh")


def script(context: Context, plan: Plan) -> str:
    """What a host's shell reads: which VIPs and kernel modules to look for, then `facts.sh`."""
    modules = dict.fromkeys(module for host in plan.hosts.values() for needs in host.needs for module in needs.modules)
    given = {"VIPS": " ".join(context.vips), "MODULES": " ".join(modules), "STACK": context.stack}
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in given.items()) + SCRIPT.read_text()


def check_hosts(context: Context, plan: Plan, *, runner: Runner = run) -> list[str]:
    """What is wrong with the stack's bare-metal hosts, in words, in the order of `hosts`; empty when all is good.

    Hosts are asked at the same time by SSH, for at most PATIENCE: a busy host answers late, one that is not there is
    known within half a minute; nothing is changed on them. Never raises for a host's failure.
    """
    hosts = context.bare_metal
    if not hosts:
        return []
    with keys(context) as files:

        def look(host: str) -> Facts | Problem:
            done = runner(command(context, host, files), text, PATIENCE)
            sections = sections_of(done.out)
            return facts_of(sections, began=done.began, ended=done.ended) if sections else why(context, host, done)

        text = script(context, plan)
        try:
            found = _at_once(hosts, look)
        except FileNotFoundError:
            return [str(_no_ssh())]
    problems = unfit(context, plan, {host: facts for host, facts in found.items() if isinstance(facts, Facts)})
    return [
        str(problem)
        for host in hosts
        for problem in ([found[host]] if isinstance(found[host], Problem) else problems[host])
    ]


def _at_once(hosts: tuple[str, ...], look: Callable[[str], Facts | Problem]) -> dict[str, Facts | Problem]:
    with ThreadPoolExecutor(max_workers=len(hosts)) as pool:
        return dict(zip(hosts, pool.map(look, hosts), strict=True))


def _no_ssh() -> Problem:
    return Problem(
        "this machine",
        "ssh is not installed",
        "bare-metal hosts are reached by OpenSSH's client",
        "install it: apt-get install openssh-client",
    )
