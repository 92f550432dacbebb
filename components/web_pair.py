"""Two hosts with nginx and a VIP of their own."""

from __future__ import annotations

import pulumi

from components.component import PlannedComponent
from plan.model import ComponentPlan


class WebPair(PlannedComponent):
    """Brings nginx and keepalived up on one host after the other, the stand-by first. It deliberately knows nothing of
    the application behind it.
    """

    type_name = "mariadb-ha:index:WebPair"
    url: pulumi.Output[str]
    """Where clients come, known once both hosts serve."""

    def declare(self, plan: ComponentPlan) -> dict[str, pulumi.Output[str]]:
        """The URL."""
        last = self.steps[plan.ready[-1]]
        self.url = pulumi.Output.all(last.urn).apply(lambda _: str(plan.outputs["url"]))
        return {"url": self.url}
