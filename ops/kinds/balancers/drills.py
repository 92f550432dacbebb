"""Faults of balancers."""

from __future__ import annotations

from ops.component import FaultKind

BALANCER_STOP = FaultKind(name="balancer-stop", role="balancer", host_words="balancer", kills=False)
BALANCER_KILL = FaultKind(name="balancer-kill", role="balancer", host_words="balancer", kills=True)
FAULTS = (BALANCER_STOP, BALANCER_KILL)
