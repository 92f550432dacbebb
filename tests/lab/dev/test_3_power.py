"""A power cut of a VM under the ledger: a guest that loses its power loses what was not synced, which no container
shows.
"""

from __future__ import annotations

from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.stacks import Stack


def test_realserver_kill_is_a_power_cut(stack: Stack, measure: Measure) -> None:
    """The one power-cut drill that runs here; the node comes back by itself."""
    assert drill(stack, "realserver-kill", measure)["target"] in {"mdb2", "mdb3"}
