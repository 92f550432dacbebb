"""Two (or more) directors: keepalived holds the VIP, LVS forwards to the real servers, which are let in first."""

from __future__ import annotations

import pulumi

from components.component import PlannedComponent
from plan.model import ComponentPlan


class DirectorPair(PlannedComponent):
    """Lets real servers in, then starts the directors, the one of lower priority first.

    It deliberately knows nothing of what they serve.
    """

    type_name = "mariadb-ha:index:DirectorPair"
    vip: pulumi.Output[str]
    """The address that clients use, known once both directors serve."""

    def declare(self, plan: ComponentPlan) -> dict[str, pulumi.Output[str]]:
        """The VIP."""
        last = self.steps[plan.ready[-1]]
        self.vip = pulumi.Output.all(last.urn).apply(lambda _: plan.endpoints["writer"].host)
        return {"vip": self.vip}
