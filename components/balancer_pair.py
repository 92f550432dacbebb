"""Two (or more) balancers: keepalived holds the VIP, haproxy sends writes and reads on."""

from __future__ import annotations

import pulumi

from components.component import PlannedComponent
from plan.model import ComponentPlan


class BalancerPair(PlannedComponent):
    """Starts the balancers, the one of lower priority first. It deliberately does not decide who takes writes: it
    follows the VIP of the servers behind it.
    """

    type_name = "mariadb-ha:index:BalancerPair"
    vip: pulumi.Output[str]
    """The address that clients use, known once all balancers serve."""

    def declare(self, plan: ComponentPlan) -> dict[str, pulumi.Output[str]]:
        """The VIP."""
        last = self.steps[plan.ready[-1]]
        self.vip = pulumi.Output.all(last.urn).apply(lambda _: plan.endpoints["writer"].host)
        return {"vip": self.vip}
