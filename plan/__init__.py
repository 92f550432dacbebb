"""The plan: for every host its packages, files, kernel settings and units; and the ordered steps.

Plain data, no Pulumi.
"""

from plan.build import make_plan
from plan.model import File, HostPlan, Plan, Step

__all__ = ["File", "HostPlan", "Plan", "Step", "make_plan"]
