"""What must hold for any input: no exception, all problems at once, and rules that read what they say they read."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan import make_plan
from plan.context import Context
from plan.secrets import Secrets
from settings import SettingsError, check_config, load_stack
from settings.keys import known_keys
from settings.mac import derived_mac
from settings.rules import RULES
from settings.rules.registry import Rule
from settings.stack import Stack
from tests.unit import settings_bad_web as bad_web
from tests.unit.settings_bad_balancing import BALANCING
from tests.unit.settings_bad_drbd import HOSTS as DRBD_HOSTS
from tests.unit.settings_bad_drbd import PAIR as DRBD_PAIR
from tests.unit.settings_config import GOOD, MIXED, changed, metal

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40), st.binary(max_size=8),
    st.sampled_from(["172.16.21.188", "fe80::1%eth0", "{}", "[]", '{"a": 1}', "10.0.0.0/99", "mdb1", "\ud800",
        "1" * 5000, "qemu:///system?socket=\0"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=12) | st.integers() | st.sampled_from(["secure", "vip", "mdb1"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        found += _paths(inner, (*at, key))
    return found


def _replaced(base: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    config = copy.deepcopy(base)
    at: Any = config
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return config


PLACES = [(base, path) for base in (GOOD, MIXED) for path in _paths(base)]


@settings(max_examples=4 * settings.default.max_examples)
@given(place=st.sampled_from(PLACES), value=VALUES)
def test_any_value_in_any_place(place: tuple[dict[str, Any], tuple[Any, ...]], value: Any) -> None:
    config = _replaced(*place, value)
    messages = check_config(config, "dev")
    assert all(isinstance(message, str) and "\n" not in message for message in messages)
    assert load_stack(config) if not messages and "secure" not in repr(value) else True


@settings(max_examples=2 * settings.default.max_examples)
@given(
    st.dictionaries(
        st.sampled_from([f"mariadb-ha:{name}" for name in known_keys() if name != "hypervisor"])
        | st.text(max_size=20)
        | st.integers(),
        VALUES,
    )
)
def test_any_mapping(config: dict[Any, Any]) -> None:
    assert all(isinstance(message, str) for message in check_config(config))


@pytest.mark.parametrize("config", [None, [], "text", 5, {}])
def test_what_is_no_stack_file(config: Any) -> None:
    assert check_config(config)


def test_a_mapping_within_itself() -> None:
    loop: dict[str, Any] = {}
    loop["hosts"] = loop
    assert any(message.startswith("hosts: ") and "levels" in message for message in check_config(loop))


def test_all_problems_at_once() -> None:
    """A section that cannot be read does not hide what is wrong in the others."""
    messages = check_config(
        changed(
            {
                "timers.retry": "often",
                "directors.vip": "10.0.0.1",
                "hosts.mdb3.address": "172.16.21.181",
                "databases.mysql": {},
                "galera.members": ["mdb1", "mdb2"],
            }
        )
    )
    for key in (
        "timers.retry",
        "directors.vip",
        "hosts.mdb3.address",
        "databases.mysql",
        "galera.members",
        "hosts.mdb3",
    ):
        assert any(message.startswith(f"{key}: ") for message in messages), key


def test_both_forms_of_one_key() -> None:
    assert any(message.startswith("galera: ") and "twice" in message for message in check_config(GOOD | {"galera": {}}))


def test_a_prefix_of_nobody() -> None:
    assert any("mariadb-ha:hosts" in message for message in check_config(GOOD | {"mariadbha:hosts": {}}))


def test_a_dotted_key() -> None:
    assert any(
        message.startswith("directors.vip: ") and "--path" in message
        for message in check_config(GOOD | {"mariadb-ha:directors.vip": "172.16.21.188"})
    )


def test_encrypted_values_are_not_used() -> None:
    with pytest.raises(SettingsError, match=r"stack_secret: .*encrypted"):
        load_stack(changed({"stack_secret": {"secure": "v1:abc:def"}}))


def test_derived_mac_addresses_collide() -> None:
    taken = derived_mac("dev", "mdb2")
    config = changed({"hosts.ha1.mac": taken})
    assert any(message.startswith("hosts.mdb2.mac: ") and taken in message for message in check_config(config, "dev"))
    assert check_config(config, "prod") == []


NODES = ("mdb1", "mdb2", "mdb3", "mdb4", "mdb5")


@settings(max_examples=2 * settings.default.max_examples)
@given(
    members=st.sampled_from([NODES[:3], NODES]),
    lost=st.sets(st.sampled_from(("ha1", "ha2", *NODES))),
    reference=st.sampled_from([None, "mdb1", "mdb2"]),
)
def test_what_is_left_can_go_on(members: tuple[str, ...], lost: set[str], reference: str | None) -> None:
    """Any number of lost hosts is refused, or leaves a majority, someone behind the VIP and someone who holds it."""
    hosts = ("ha1", "ha2", *members)
    config = changed(
        {
            "hosts": {name: {"address": f"172.16.21.{10 + index}"} for index, name in enumerate(hosts)},
            **{key: value for key, value in metal(*hosts).items() if not key.endswith("memory_mib")},
            **{f"hosts.{name}.lost": True for name in lost & set(hosts)},
            "galera.members": list(members),
            "galera.reference_node": reference,
        }
    )
    messages = check_config(config, "dev")
    live = [name for name in members if name not in lost]
    good = len(live) * 2 > len(members) and any(name != reference for name in live) and not {"ha1", "ha2"} <= lost
    assert good == (not messages), messages
    assert all(message.split(".lost: ")[0].removeprefix("hosts.") in lost for message in messages)
    if good:
        context = Context(stack="dev", settings=load_stack(config), secrets=Secrets(stack="dev", stack_secret="x" * 32))
        components = make_plan(context).components
        assert set(components["galera"].hosts) == set(live)
        assert set(context.hosts) | set(context.lost) == set(hosts)
        assert components["directors"].outputs["real_servers"]
        assert components["directors"].outputs["directors"]


class _Watched:
    """A stack that refuses to show sections that a rule did not declare."""

    def __init__(self, stack: Stack, allowed: frozenset[str]) -> None:
        self._stack, self._allowed = stack, allowed

    def __getattr__(self, name: str) -> Any:
        about_all = ("vips", "backends", "backend_of", "fronts", "each", "only")
        about_all += ("sources", "source_of", "all_readers", "readers_of", "followers", "behind")
        name_read = "components" if name in about_all else name
        assert name_read in self._allowed, f"reads {name_read} without saying so"
        return getattr(self._stack, name)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.check.__name__)
def test_rules_read_what_they_say(rule: Rule) -> None:
    full = metal("mdb2") | {"directors.reader": {"vip": "172.16.21.189"}, "timers": {"advert_int": 0.5}}
    full |= {"directors.notification": {"notification_email": ["a@b.c"]}}
    full |= {
        "hosts.mdb2.lost": True,
        "bare_metal": {"purge_data": True},
        "network.extra_hosts": {"mirror": "172.16.21.9"},
    }
    tls = {"certificate": bad_web.GOOD_PEM, "private_key": bad_web.pem(bad_web.key(1))}
    full |= bad_web.web(upstream=["mirror:80"], tls=tls)
    stack = load_stack(changed(full | BALANCING | DRBD_HOSTS | {"drbd": {**DRBD_PAIR, "virtual_router_id": 77}}))
    watched = _Watched(stack, rule.reads)
    asked = [()] if rule.each is None else [(name, section) for name, section in stack.each(rule.each)]
    assert asked, "no component of GOOD is asked about"
    for about in asked:
        assert list(rule.check(watched, *about)) == []
