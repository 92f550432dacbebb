"""The ordered steps after the hosts are ready. Each looks first and says "nothing to do" on a live cluster."""

from __future__ import annotations

import json

from plan.context import Context
from plan.galera import SST_USER
from plan.model import Step
from plan.render import LIB

#: Patience for one node's state transfer, in seconds: a large database takes hours (components.ssh.STEP_TIMEOUT is longer).
JOIN_TIMEOUT = 21_000


def accounts(context: Context) -> str:
    """What `galera-accounts` reads on standard input (JSON, secret)."""
    databases = {
        name: {
            "character_set": database.character_set,
            "accounts": {
                user: {"host": account.host, "password": account_password(context, name, user), "privileges": list(account.privileges)}
                for user, account in database.accounts.items()
            },
        }
        for name, database in context.settings.databases.items()
    }
    return json.dumps(
        {
            "sst": {"user": SST_USER, "password": context.secrets.password("sst-password")},
            "root_password": context.secrets.password("root-password"),
            "databases": databases,
        },
        sort_keys=True,
    )


def account_password(context: Context, database: str, user: str) -> str:
    """An account's password: its own setting, else derived from the stack secret."""
    given = context.settings.databases[database].accounts[user].password
    return given.get_secret_value() if given else context.secrets.password("account-password", user)


def galera_steps(context: Context) -> tuple[Step, ...]:
    """Configuration node by node; nodes that come with data woken; then bootstrap, accounts, joins one after the other, the
    bootstrap node restarted as a normal member, real servers in. On a living cluster a changed configuration rolls: only the
    first steps have something to do.
    """
    nodes = context.galera_nodes
    if not nodes:
        return ()
    first, others = nodes[0], nodes[1:]
    steps: list[Step] = []
    for node in nodes:
        steps.append(Step(name=f"roll-{node}", host=node, command=f"{LIB}/galera-roll", delivers="galera", waits_for=tuple(step.name for step in steps[-1:])))
    wakes = tuple(Step(name=f"wake-{node}", host=node, command=f"{LIB}/galera-wake", waits_for=(steps[-1].name,)) for node in others)
    steps += [
        *wakes,
        Step(name="bootstrap", host=first, command=f"{LIB}/galera-bootstrap", waits_for=tuple(step.name for step in wakes or steps[-1:])),
        Step(name="accounts", host=first, command=f"{LIB}/galera-accounts", stdin=accounts(context), waits_for=("bootstrap",)),
    ]
    for node in others:
        steps.append(Step(name=f"join-{node}", host=node, command=f"{LIB}/galera-join --timeout {JOIN_TIMEOUT}", waits_for=(steps[-1].name,)))
    steps.append(Step(name="settle", host=first, command=f"{LIB}/galera-settle", waits_for=(steps[-1].name,)))
    for node in context.real_servers:
        steps.append(Step(name=f"serve-{node}", host=node, command=f"{LIB}/realserver-in", waits_for=("settle",)))
    return tuple(steps)


def director_steps(context: Context) -> tuple[Step, ...]:
    """Directors last: the one of lower priority first, so that the VIP goes where it belongs at once."""
    waits = tuple(f"serve-{node}" for node in context.real_servers)
    steps: list[Step] = []
    for host in reversed(context.directors):
        before = (*waits, *(step.name for step in steps))
        steps.append(Step(name=f"direct-{host}", host=host, command=f"{LIB}/director-up --files", delivers="director", waits_for=before))
    return tuple(steps)
