"""A stack's consent to drills: without its word in the settings nothing is touched."""

from __future__ import annotations

from ops.errors import Exit, OpsError
from ops.inventory import Inventory

ALLOWED = "allowed"
#: What a drill does, for people who are asked to allow it.
WHAT = "a drill stops services, cuts power or links of the stack's hosts while it writes a ledger of its own"


def check_consent(inventory: Inventory) -> None:
    """Refuses drills of a stack whose settings do not allow them. A stack that was brought up before there was this
    setting has not consented either.

    Raises:
        OpsError: which key to set, and what follows.
    """
    if inventory.drills == ALLOWED:
        return
    said = (
        f"the settings of stack {inventory.stack} do not allow drills (drills: {inventory.drills})"
        if inventory.drills is not None
        else f"stack {inventory.stack} was brought up before its settings could allow drills"
    )
    raise OpsError(
        f"{said}; {WHAT}, and clients notice; nothing was touched",
        f"where that may happen, set `mariadb-ha:drills: allowed` in Pulumi.{inventory.stack}.yaml and bring the stack"
        f" up again (`make up STACK={inventory.stack}`, or `pulumi up` and `hactl inventory`): it changes no host",
        Exit.REFUSED,
    )
