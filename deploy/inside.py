"""The part of `make up` and `make down` that runs inside the lab's network, where the hosts can be reached."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pymysql
from pulumi import automation as auto
from rich.console import Console

from deploy import clients, engine, made_with, recover
from deploy.errors import DeployError, PassingError
from deploy.lab_hosts import lab_name
from deploy.paths import ROOT, StackPaths, write_private
from deploy.progress import Progress
from deploy.settled import wait_until_healthy
from deploy.workspace import write_access
from ops.hosts.shell import Ssh
from ops.run import load_inventory
from ops.status.look import look
from plan import make_plan
from plan.context import Context
from plan.parts.accounts import account_password
from settings.timers import values_by_profile

#: Longest wait for the first answer through the VIP, and after how long what was answered last is said again (s).
FIRST_ANSWER, SAY_AGAIN = 900.0, 30.0
#: Patience of one attempt (s).
ATTEMPT = 10


def up(paths: StackPaths, context: Context, console: Console, *, lab: bool) -> None:
    """`pulumi up`, then the files that `hactl` reads, then a look through the VIP."""
    hypervisor = context.settings.hypervisor
    stack = engine.open_stack(paths)
    recover.release_lock(stack, console)
    recover.clear_pending(stack, hypervisor.uri, console)
    recover.refuse_retained(
        stack,
        adopt=hypervisor.adopt_retained_volumes,
        marker=paths.retained,
        pool_path=Path(hypervisor.pool_path) / context.stack,
    )
    write_access(paths, context)
    progress = run_up(stack, hypervisor.uri, console)
    made_with.note(paths, made_with.toolchain())
    paths.retained.unlink(missing_ok=True)
    addresses = clients.add(context) if lab else []
    access = {
        "run": lab_command("run") if lab else [],
        "power": lab_command("power") if lab else [],
        "client_addresses": addresses,
        "ssh_key": str(paths.ssh_key.relative_to(ROOT)),
    }
    write_private(paths.access, json.dumps(access, indent=1) + "\n")
    _write_inventory(paths, context)
    waited = first_answer(context, console)
    settled = healthy(context, console, changed=bool(progress.changes))
    if progress.changes:
        report = {
            "resources": progress.seconds,
            "first_answer_s": round(waited, 1),
            "healthy_s": round(settled, 1),
            "changes": progress.changes,
        }
        (paths.work / "steps.json").write_text(json.dumps(report, indent=1) + "\n")
    plan = make_plan(context)
    said = f"{progress.changes} resources made or changed" if progress.changes else "nothing to do"
    what = "SQL answers" if "writer" in plan.endpoints or not plan.endpoints else "clients are answered"
    console.print(f"  {said}; {what} at {plan.entry.host if plan.entry else 'the hosts'}")


def run_up(stack: auto.Stack, uri: str, console: Console) -> Progress:
    """`pulumi up`, once more where it failed of something that passes by itself.

    Raises:
        DeployError: see `engine.up`.
    """
    progress = Progress(console)
    try:
        engine.up(stack, progress)
    except PassingError as error:
        console.print(f"  this passes by itself, so once more: {str(error).splitlines()[0]}", markup=False)
        recover.clear_pending(stack, uri, console)
        again = Progress(console)
        engine.up(stack, again)
        again.changes += progress.changes
        again.seconds = {**progress.seconds, **again.seconds}
        return again
    return progress


def lab_command(name: str) -> list[str]:
    """A command of this lab, whoever calls it from wherever: env(1) names the lab."""
    return ["env", f"LAB_NAME={lab_name()}", f"lab/{name}"]


def _write_inventory(paths: StackPaths, context: Context) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ops", "inventory", "--stack", context.stack],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DeployError(
            f"the inventory {paths.inventory.name} could not be written: {done.stderr.strip() or done.stdout.strip()}"
        )


def healthy(context: Context, console: Console, *, changed: bool) -> float:
    """Seconds until `hactl status` would be content. `changed`: this `up` has just made something.

    Raises:
        DeployError: it is not, in words.
    """

    def say(words: str) -> None:
        console.print(f"  {words}", markup=False)

    known = load_inventory(context.stack, ROOT)
    shell = Ssh(inventory=known, root=ROOT, say=say)
    timers = context.settings.timers
    return wait_until_healthy(
        known,
        lambda: look(known, shell),
        profile=timers.profile,
        timers=timers.values(),
        profiles=values_by_profile(),
        say=say,
        twice=changed,
    )


def first_answer(context: Context, console: Console) -> float:
    """Seconds until an account of the stack gets an answer from the writer's endpoint; 0 where there is no account or
    no such endpoint.

    Raises:
        DeployError: nothing answered in time.
    """
    accounts = [
        (database, user) for database, entry in context.settings.databases.items() for user in entry.applications()
    ]
    plan = make_plan(context)
    writer = plan.endpoints.get("writer")
    if not accounts or writer is None or not plan.keepers:
        return 0.0
    keeper = plan.keepers[-1]
    database, user = accounts[0]
    start, last = time.monotonic(), "no attempt"
    said_at = start
    while time.monotonic() - start < FIRST_ANSWER:
        try:
            with (
                pymysql.connect(
                    host=writer.host,
                    port=writer.port,
                    user=user,
                    password=account_password(context, keeper, database, user),
                    database=database,
                    connect_timeout=ATTEMPT,
                    read_timeout=ATTEMPT,
                ) as connection,
                connection.cursor() as cursor,
            ):
                cursor.execute("SELECT 1")
            return time.monotonic() - start
        except pymysql.Error as error:
            last = str(error)
            if time.monotonic() - said_at > SAY_AGAIN:
                said_at = time.monotonic()
                console.print(f"  waiting for an answer at {writer.host}: {last}", markup=False)
            time.sleep(0.5)
    raise DeployError(
        f"the steps are done, but {writer.host} does not answer {user!r} on database {database!r} after "
        f"{FIRST_ANSWER:.0f} s ({last}).\n"
        f"`./hactl status --stack {context.stack}` says what is wrong in words."
    )


def volumes_alone(kept: list[str]) -> list[str]:
    """Data volumes that were kept while their VM was not: a new VM must be told whether to take what is on them."""
    return [name for name in kept if name.endswith("-data.qcow2") and name.removesuffix("-data.qcow2") not in kept]


def down(paths: StackPaths, context: Context, console: Console) -> bool:
    """`pulumi destroy` of all that is not protected. True when nothing of the stack is left."""
    stack = engine.open_stack(paths)
    recover.release_lock(stack, console)
    recover.clear_pending(stack, context.settings.hypervisor.uri, console)
    recover.forget_lost(stack, context.lost)
    engine.destroy(stack, Progress(console))
    left: list[dict[str, Any]] = dict(recover.exported_state(stack).deployment or {}).get("resources") or []
    kept = [r["inputs"]["name"] for r in left if r.get("protect")]
    if kept:
        if alone := volumes_alone(kept):
            write_private(paths.retained, ", ".join(alone) + "\n")
        console.print(
            f"  kept, because protected: {', '.join(kept)} (hypervisor.protect_data_volumes, "
            "hypervisor.protect_database_hosts)"
        )
        return False
    stack.workspace.remove_stack(context.stack)
    return True
