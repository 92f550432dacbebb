"""The part of `make up` and `make down` that runs inside the lab's network, where the hosts can be reached."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pymysql
from rich.console import Console

from deploy import clients, engine, healthy, recover
from deploy.errors import DeployError
from deploy.paths import LAB_RUN, ROOT, StackPaths, write_private
from deploy.progress import Progress
from deploy.workspace import write_access
from plan.context import Context
from plan.steps import account_password

#: Patience for the first answer through the VIP and for each attempt, in seconds. On a starved machine a handshake alone takes several.
FIRST_ANSWER, ATTEMPT = 300.0, 20


def up(paths: StackPaths, context: Context, console: Console, *, lab: bool) -> None:
    """`pulumi up`, then the files that `hactl` reads, then a look through the VIP, then the stack's own judgement."""
    hypervisor = context.settings.hypervisor
    stack = engine.open_stack(paths)
    recover.release_lock(stack, console)
    recover.clear_pending(stack, hypervisor.uri, console)
    recover.refuse_retained(stack, adopt=hypervisor.adopt_retained_volumes, marker=paths.retained, pool_path=Path(hypervisor.pool_path) / context.stack)
    write_access(paths, context)
    progress = Progress(console)
    engine.up(stack, progress)
    paths.retained.unlink(missing_ok=True)
    addresses = clients.add(context) if lab else []
    access = {
        "run": [str(LAB_RUN.relative_to(ROOT))] if lab else [],
        "client_addresses": addresses,
        "ssh_key": str(paths.ssh_key.relative_to(ROOT)),
    }
    write_private(paths.access, json.dumps(access, indent=1) + "\n")
    _write_inventory(paths, context)
    waited = first_answer(context)
    look = healthy.looking(paths)
    if progress.changes:
        until = healthy.wait(look, context.settings.timers, console, stack=context.stack)
        report = {"resources": progress.seconds, "first_answer_s": round(waited, 1), "healthy_s": round(until, 1), "changes": progress.changes}
        (paths.work / "steps.json").write_text(json.dumps(report, indent=1) + "\n")
    said = f"{progress.changes} resources made or changed" if progress.changes else "nothing to do"
    console.print(f"  {said}; SQL answers at {context.vips[0] if context.vips else 'the nodes'}")
    if not progress.changes:
        healthy.note(look, console, stack=context.stack)


def _write_inventory(paths: StackPaths, context: Context) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ops", "inventory", "--stack", context.stack], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DeployError(f"the inventory {paths.inventory.name} could not be written: {done.stderr.strip() or done.stdout.strip()}")


def first_answer(context: Context) -> float:
    """Seconds until an account of the stack gets an answer through the VIP; 0 where the stack declares no account or has no VIP.

    Raises:
        DeployError: nothing answered in time.
    """
    accounts = [(database, user) for database, entry in context.settings.databases.items() for user in entry.accounts]
    if not accounts or context.settings.directors is None:
        return 0.0
    database, user = accounts[0]
    start, last = time.monotonic(), "no attempt"
    while time.monotonic() - start < FIRST_ANSWER:
        try:
            with pymysql.connect(
                host=context.vips[0],
                port=context.settings.directors.virtual_server.port,
                user=user,
                password=account_password(context, database, user),
                database=database,
                connect_timeout=ATTEMPT,
                read_timeout=ATTEMPT,
            ) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return time.monotonic() - start
        except pymysql.Error as error:
            last = str(error)
            time.sleep(0.5)
    raise DeployError(
        f"the steps are done, but {context.vips[0]} does not answer {user!r} on database {database!r} after {FIRST_ANSWER:.0f} s ({last}).\n"
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
    recover.let_go(stack, context.lost)
    engine.destroy(stack, Progress(console))
    left: list[dict[str, Any]] = dict(recover.exported_state(stack).deployment or {}).get("resources") or []
    kept = [r["inputs"]["name"] for r in left if r.get("protect")]
    if kept:
        if alone := volumes_alone(kept):
            write_private(paths.retained, ", ".join(alone) + "\n")
        console.print(f"  kept, because protected: {', '.join(kept)} (hypervisor.protect_data_volumes, hypervisor.protect_database_hosts)")
        return False
    stack.workspace.remove_stack(context.stack)
    return True
