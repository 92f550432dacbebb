"""Faults, with the ledger: nothing acknowledged is lost, the stack heals, the nodes are equal. Gaps are reported, never asserted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lab.conftest import Stack

pytestmark = pytest.mark.lab


def drill(stack: Stack, name: str) -> dict[str, Any]:
    """Runs a drill and checks what must hold on any machine."""
    done = stack.hactl("drill", name, "--yes", "--json", timeout=1200)
    assert done.code == 0, done.out
    report: dict[str, Any] = json.loads(done.out)
    print(f"{name}: gap {report['write_gap_s']} s, promised {report['promised_gap_s']} s, acked {report['writes_acked']}, errors {report['client_errors']}")
    assert report["writes_acked"] > 0
    assert report["writes_lost"] == 0
    assert report["healed"] is True
    assert report["nodes_equal"] is True
    return report


def test_director_stop(stack: Stack) -> None:
    assert drill(stack, "director-stop")["target"] == "ha1"
    assert "172.16.21.188" in stack.ssh("ha1", "ip -4 addr show eth0").out, "ha1 takes the VIP back"


def test_realserver_stop(stack: Stack) -> None:
    drill(stack, "realserver-stop")


def test_realserver_kill_is_a_power_cut(stack: Stack) -> None:
    """The one power-cut drill that runs here; the node comes back by itself."""
    report = drill(stack, "realserver-kill")
    assert report["target"] in {"mdb2", "mdb3"}


def test_a_drill_refuses_an_unhealthy_stack(stack: Stack) -> None:
    stack.ssh("ha2", "sudo systemctl stop keepalived")
    try:
        refused = stack.hactl("drill", "director-stop", "--yes", "--json")
        assert refused.code == 2, refused.out
        assert "ha2" in refused.out
    finally:
        stack.ssh("ha2", "sudo systemctl start keepalived")
    assert stack.healthy_within()
