"""Faults of a Galera cluster with a VIP of its own, and of its arbitrator."""

from __future__ import annotations

from ops.component import FaultKind, Service, Unit

NODE, ARBITRATOR = "node", "arbitrator"
NODE_STOP = FaultKind(name="node-stop", role=NODE, host_words="Galera node", kills=False)
NODE_KILL = FaultKind(name="node-kill", role=NODE, host_words="Galera node", kills=True)
ARBITRATOR_KILL = FaultKind(name="arbitrator-kill", role=ARBITRATOR, host_words="arbitrator", kills=True, least=1)
FAULTS = (NODE_STOP, NODE_KILL, ARBITRATOR_KILL)

ARBITRATOR_SERVICE = Service(unit="mariadb-ha-arbitrator", words="the arbitrator")
ARBITRATOR_UNIT = Unit(
    name=ARBITRATOR_SERVICE.unit,
    follows="one vote is missing: the loss of a node would stop all writes",
    todo="systemctl start mariadb-ha-arbitrator, and journalctl -u mariadb-ha-arbitrator for why it ended",
)
#: Pause in seconds until a node that is back may take the VIP, and the arbitrator's view has settled.
MARGIN = 3.0
