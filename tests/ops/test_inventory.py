"""Promises in an inventory: of the struck component, as clients see them who come through what stands before it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ops.inventory import Inventory, parse
from tests.conftest import ROOT


def kept(name: str) -> dict[str, Any]:
    """The outputs of a stack of tests/golden."""
    found: dict[str, Any] = json.loads((ROOT / f"tests/golden/kept/{name}/outputs.json").read_text())
    return {**found, "stack": name}


def inventory(data: dict[str, Any]) -> Inventory:
    """An inventory as hactl reads it."""
    return parse(data, "a test")


def test_clients_of_balancers_wait_for_the_pair_behind_them_and_for_the_balancers() -> None:
    data = kept("read-balancing")
    found = inventory(data)
    behind = data["components"]["master_master"]["promised_write_gap_s"]["writer-kill"]
    before = data["components"]["balancers"]["promised_write_gap_s"]["writer-kill"]
    assert behind < before
    assert found.promised_gap_s("master_master", "writer-kill") == before
    assert found.promised_gap_s("balancers", "balancer-kill") == data["promised_write_gap_s"]["balancer-kill"]
    assert found.promised_reads_s("replicas", "replica-stop") == data["promised_read_gap_s"]["replica-stop"]


def test_systems_that_stand_beside_each_other_have_promises_of_their_own() -> None:
    """Both know the fault `director-stop`."""
    data, web = kept("vms"), kept("web")["components"]["web"]
    web["promised_write_gap_s"]["director-stop"] = 99.0
    data["components"]["web"] = web
    found = inventory(data)
    assert found.promised_gap_s("directors", "director-stop") == data["promised_write_gap_s"]["director-stop"]
    assert found.promised_gap_s("web", "director-stop") == 99.0
    assert found.promised_gap_s("web", "realserver-stop") is None


@pytest.mark.parametrize("fault", ["writer-kill", "no-such-fault"])
def test_outputs_of_an_earlier_program_have_promises_of_the_stack(fault: str) -> None:
    data = kept("read-balancing")
    for component in data["components"].values():
        component.pop("promised_write_gap_s", None)
    assert inventory(data).promised_gap_s("master_master", fault) == data["promised_write_gap_s"].get(fault)
