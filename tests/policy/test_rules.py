"""The policy pack's rules over what real stacks register: one broken by a setting at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pulumi.runtime.stack import run_pulumi_func

from components.stack import build
from plan.context import Context
from policy import rules
from policy.resource import COMMAND, HOST, Resource
from tests.conftest import make_arbitrated, make_context
from tests.golden.picture import SECRET_KEY
from tests.golden.stacks import STACKS
from tests.graph.recorder import Recorder, record

PROTECTED = {"hypervisor": {"protect_data_volumes": True, "protect_database_hosts": True}}
EACH = (
    rules.unprotected_volume,
    rules.unprotected_host,
    rules.trust_on_first_use,
    rules.open_to_the_world,
    rules.secret_in_clear,
)


def clear(value: Any) -> Any:
    """Without Pulumi's marks, as the engine hands inputs to a pack."""
    if isinstance(value, dict):
        return clear(value["value"]) if SECRET_KEY in value else {key: clear(each) for key, each in value.items()}
    return [clear(each) for each in value] if isinstance(value, list) else value


def registered(context: Context) -> list[Resource]:
    """All resources of a stack."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    recorder = Recorder()
    record(recorder, context.stack)
    asyncio.get_event_loop().run_until_complete(run_pulumi_func(lambda: build(context)))
    return [
        Resource(
            type=each.type, name=each.name, inputs=clear(each.inputs), protect=each.protect, provider=each.raw.provider
        )
        for each in recorder.resources.values()
    ]


def found(context: Context) -> dict[str, list[str]]:
    """What the rules say, by rule."""
    resources = registered(context)
    said = {rule.__name__: [words for each in resources for words in rule(each)] for rule in EACH}
    said |= {rule.__name__: list(rule(resources)) for rule in (rules.even_voters, rules.one_hypervisor)}
    return {name: words for name, words in said.items() if words}


@pytest.fixture(autouse=True)
def fit_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked over the network here."""
    monkeypatch.setattr("components.preflight.check_hosts", lambda context, plan: [])


def public_vip(**directors: Any) -> Context:
    """A stack whose VIP everybody can reach."""
    names = ("ha1", "ha2", "mdb1", "mdb2", "mdb3")
    return make_context(
        {
            **PROTECTED,
            "network": {"cidr": "8.8.8.0/24", "gateway": "8.8.8.1", "ntp": ["8.8.8.1"]},
            "hosts": {name: {"address": f"8.8.8.{10 + number}"} for number, name in enumerate(names)},
            "directors": {"vip": "8.8.8.88", **directors},
        }
    )


BROKEN: dict[str, tuple[Callable[[], Context], dict[str, list[str]]]] = {
    "a good one": (lambda: make_context(PROTECTED), {"one_hypervisor": ["lie on one hypervisor"]}),
    "an arbitrator": (lambda: make_arbitrated(PROTECTED), {"one_hypervisor": ["lie on one hypervisor"]}),
    "servers": (STACKS["bare-metal"], {}),
    "dev as it is": (
        make_context,
        {
            "unprotected_volume": [f"the data volume dev-mdb{n}-data is not protected" for n in (1, 2, 3)],
            "unprotected_host": [f"the database host dev-mdb{n}-domain is not protected" for n in (1, 2, 3)],
            "one_hypervisor": ["dev-mdb1-domain, dev-mdb2-domain, dev-mdb3-domain lie on one hypervisor"],
        },
    ),
    "a public VIP": (
        public_vip,
        {
            "open_to_the_world": [f"dev-{host} may hold the VIP 8.8.8.88" for host in ("ha1", "ha2")],
            "one_hypervisor": ["lie on one hypervisor"],
        },
    ),
    "a public VIP for some": (
        lambda: public_vip(client_cidrs=["203.0.113.0/24"]),
        {"one_hypervisor": ["lie on one hypervisor"]},
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_the_rules_say_of_a_stack(name: str) -> None:
    make, wanted = BROKEN[name]
    said = found(make())
    assert set(said) == set(wanted), said
    for rule, words in wanted.items():
        assert len(said[rule]) == len(words), said[rule]
        for one in words:
            assert any(one in line for line in said[rule]), said[rule]


def test_two_voters_are_even() -> None:
    wsrep = "/etc/mysql/mariadb.conf.d/71-mariadb-ha-wsrep.cnf: wsrep_cluster_name = c\n"
    hosts = [Resource(type=HOST, name=name, inputs={"files": wsrep}) for name in ("a", "b")]
    assert list(rules.even_voters(hosts)) == ["the cluster c has 2 voters (a, b), an even number: add an arbitrator"]
    assert not list(rules.even_voters(hosts[:1]))


def test_a_command_without_a_host_key_trusts_on_first_use() -> None:
    known = Resource(type=COMMAND, name="a", inputs={"connection": {"host": "h", "hostKey": "ssh-ed25519 A"}})
    blind = Resource(type=COMMAND, name="b", inputs={"connection": {"host": "h"}})
    assert not list(rules.trust_on_first_use(known))
    assert "b believes whoever answers" in next(rules.trust_on_first_use(blind))


@pytest.mark.parametrize(
    ("key", "value", "wrong"),
    [
        ("files", "/etc/x.cnf: wsrep_sst_auth = sst:dear\n", True),
        ("files", "/etc/x.cnf: [secret] 1234abcd\n", False),
        ("files", "/etc/keepalived/x.conf:     auth_pass abcd1234\n", True),
        ("create", "printf '%s' '-----BEGIN OPENSSH PRIVATE KEY-----'", True),
        ("stdin", "password = dear", False),
    ],
)
def test_a_secret_in_clear_is_seen_and_not_shown(key: str, value: str, wrong: bool) -> None:
    said = list(rules.secret_in_clear(Resource(type=HOST, name="h", inputs={key: value})))
    assert bool(said) is wrong
    assert "dear" not in "".join(said)
    assert "abcd1234" not in "".join(said)
