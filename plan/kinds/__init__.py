"""The registry of kinds, as far as the plan goes: one line for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from plan.context import Context
from plan.kinds.balancers import plan_balancers
from plan.kinds.directors import plan_directors
from plan.kinds.drbd import plan_drbd
from plan.kinds.galera import plan_galera
from plan.kinds.master_master import plan_master_master
from plan.kinds.replicas import plan_replicas
from plan.kinds.web import plan_web
from plan.model import ComponentPlan

#: Takes the stack's context, the component's name and section, and the plans of the components that it may stand
#: before.
PlanKind = Callable[[Context, str, Any, Mapping[str, ComponentPlan]], ComponentPlan]
KINDS: dict[str, PlanKind] = {}


def register(kind: str, plan: PlanKind) -> None:
    """Make a kind known to the plan. Raises ValueError for a name that is taken."""
    if KINDS.setdefault(kind, plan) is not plan:
        raise ValueError(f"there is a kind {kind} already")


register("galera", plan_galera)
register("master_master", plan_master_master)
register("replicas", plan_replicas)
register("balancers", plan_balancers)
register("drbd", plan_drbd)
register("directors", plan_directors)
register("web", plan_web)
