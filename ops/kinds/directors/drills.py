"""Faults of directors and of the real servers behind them."""

from __future__ import annotations

from ops.component import FaultKind
from ops.roles.vrrp import DIRECTOR_KILL, DIRECTOR_STOP

REAL_SERVER = "realserver"
REALSERVER_STOP = FaultKind(name="realserver-stop", role=REAL_SERVER, host_words="real server", kills=False)
REALSERVER_KILL = FaultKind(name="realserver-kill", role=REAL_SERVER, host_words="real server", kills=True)
FAULTS = (DIRECTOR_STOP, DIRECTOR_KILL, REALSERVER_STOP, REALSERVER_KILL)

#: Pause in seconds until health checks have noticed that a real server is back.
CHECKS_MARGIN = 5.0
