"""The contract with application stacks: every stack's outputs keep to docs/contract.schema.json, and an application
that was written for the first version finds what it read then.
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from plan.build import make_plan
from plan.parts.client_options import RECYCLE, client_options
from tests.conftest import ROOT
from tests.golden.stacks import STACKS

SCHEMA = json.loads((ROOT / "docs/contract.schema.json").read_text())
#: What an application could read in version 1 when it was made, by path; never shorter.
FIRST = (
    "contract_version",
    "vip",
    "writer.host",
    "writer.port",
    "reader.host",
    "reader.port",
    "hosts.ha1.address",
    "hosts.ha1.roles",
    "hosts.ha1.ssh_user",
    "hosts.ha1.ssh_port",
    "hosts.ha1.ssh_host_key",
    "databases.app.name",
    "databases.app.accounts.app.username",
    "databases.app.accounts.app.password",
    "promised_write_gap_s.director-kill",
    "galera.cluster_name",
    "galera.size",
    "vrrp.virtual_router_id",
    "hypervisor.uri",
)


def kept(name: str) -> dict[str, Any]:
    """The outputs as they are kept."""
    document: dict[str, Any] = json.loads((ROOT / f"tests/golden/kept/{name}/outputs.json").read_text())
    return document


@pytest.mark.parametrize("name", STACKS)
def test_every_stack_keeps_to_the_schema(name: str) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(kept(name))


def test_the_schema_itself_is_one_and_refuses_what_is_not() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for key, value in (("contract_version", 2), ("writer", {"host": "192.0.2.1"}), ("surprise", 1)):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(SCHEMA).validate({**kept("vms"), key: value})


@pytest.mark.parametrize("path", FIRST)
def test_an_application_of_the_first_version_finds_what_it_read(path: str) -> None:
    found: Any = kept("vms")
    for key in path.split("."):
        found = found[key]
    assert found not in (None, "", [])


@pytest.mark.parametrize("name", STACKS)
def test_a_pool_that_takes_the_advice_outlasts_every_promised_gap(name: str) -> None:
    plan = make_plan(STACKS[name]())
    options = client_options(plan)
    assert bool(options) is ("writer" in plan.endpoints)
    if options:
        longest = max(plan.promises.values(), default=0.0)
        assert options["retry_for_s"] > longest
        assert options["read_timeout_s"] >= longest
        assert options["pool_recycle_s"] == RECYCLE < 900
