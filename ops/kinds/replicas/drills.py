"""Faults of replicas."""

from __future__ import annotations

from ops.component import FaultKind

REPLICA_STOP = FaultKind(name="replica-stop", role="replica", host_words="replica", kills=False)
REPLICA_KILL = FaultKind(name="replica-kill", role="replica", host_words="replica", kills=True)
FAULTS = (REPLICA_STOP, REPLICA_KILL)
