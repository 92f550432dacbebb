"""A power cut of a VM under the ledger: a guest that loses its power loses what was not synced, which no container
shows.
"""

from __future__ import annotations

import pytest

from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.stacks import Stack


@pytest.mark.matrix
def test_realserver_kill_is_a_power_cut(stack: Stack, measure: Measure) -> None:
    """The node comes back by itself. The fault of S1 in `make test` is that of `quick`."""
    assert stack.healthy_within(), stack.hactl("status").out
    assert drill(stack, "realserver-kill", measure)["target"] in {"mdb2", "mdb3"}
