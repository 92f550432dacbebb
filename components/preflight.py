"""Before anything is declared: can the stack's bare-metal hosts be used as they are?"""

from __future__ import annotations

import pulumi

from plan.context import Context
from plan.model import Plan
from preflight import check_hosts


def refuse_unfit(context: Context, plan: Plan) -> None:
    """Looks at all bare-metal hosts at the same time, read-only. A preview says what it finds, and goes on.

    Raises:
        pulumi.RunError: at an `up`, all problems of all hosts at once.
    """
    problems = check_hosts(context, plan) if context.bare_metal else []
    if not problems:
        return
    if pulumi.runtime.is_dry_run():
        pulumi.log.warn("`up` would be refused as the bare-metal hosts are now:\n" + "\n".join(problems))
        return
    raise pulumi.RunError("bare-metal hosts cannot be used as they are; nothing was touched:\n" + "\n".join(problems))
