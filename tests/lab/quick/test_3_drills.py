"""Faults under the ledger, where the struck host is a container or a director in order;
power cuts of VMs are in `dev`.
"""

from __future__ import annotations

import pytest

from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.stacks import Stack


def test_director_stop(stack: Stack, measure: Measure) -> None:
    assert drill(stack, "director-stop", measure)["target"] == "ha1"
    assert "172.16.21.188" in stack.ssh("ha1", "ip -4 addr show eth0").out, "ha1 takes the VIP back"


@pytest.mark.matrix
def test_realserver_stop(stack: Stack, measure: Measure) -> None:
    drill(stack, "realserver-stop", measure)


def test_a_drill_refuses_an_unhealthy_stack(stack: Stack) -> None:
    stack.ssh("ha2", "sudo systemctl stop keepalived")
    try:
        refused = stack.hactl("drill", "director-stop", "--yes", "--json")
        assert refused.code == 2, refused.out
        assert "ha2" in refused.out
    finally:
        stack.ssh("ha2", "sudo systemctl start keepalived")
    assert stack.healthy_within()
