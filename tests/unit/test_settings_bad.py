"""Every bad configuration gets its message: the key, what is wrong, what follows, what to write."""

from __future__ import annotations

import pytest

from settings import SettingsError, check_config, load_stack
from tests.unit.settings_bad import BAD, Case
from tests.unit.settings_bad_metal import LOST
from tests.unit.settings_config import changed

_WORLD = {"rest: no such socket", "rest: nobody listens", "rest: no such image"}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
def test_message(case: Case) -> None:
    changes, key, words = case
    messages = check_config(changed(changes))
    own = [message for message in messages if message.startswith(f"{key}: ")]
    assert own, messages
    assert any(all(word in message for word in words) for message in own), own
    for message in messages:
        assert len(message.split(". ")) >= 3, f"what, what follows, what to write: {message}"
        assert "\n" not in message
        assert message.endswith(".")


@pytest.mark.parametrize("name", sorted(set(BAD) - _WORLD))
def test_load_refuses_it_with_the_same_words(name: str) -> None:
    config = changed(BAD[name][0])
    with pytest.raises(SettingsError) as raised:
        load_stack(config)
    assert str(raised.value) == "\n".join(check_config(config))


QUORUM = [
    name
    for name, (_, key, words) in LOST.items()
    if key.endswith(".lost") and "VM" not in words and name != "lost by a word"
]


@pytest.mark.parametrize("name", QUORUM)
def test_a_stack_that_cannot_go_on_can_be_destroyed(name: str) -> None:
    config = changed(LOST[name][0])
    assert all(".lost: " in message or name == "one of two" for message in check_config(config))
    assert not any(".lost: " in message for message in check_config(config, to_destroy=True))
    if name != "one of two":
        assert load_stack(config, to_destroy=True).hosts


def test_nothing_else_is_let_through_to_destroy() -> None:
    for name in sorted(set(BAD) - {f"lost: {name}" for name in QUORUM}):
        assert check_config(changed(BAD[name][0]), to_destroy=True), name


@pytest.mark.parametrize(
    "name",
    sorted(name for name in BAD if "password" in name or "auth_pass" in name or "secret" in name or "private" in name),
)
def test_secrets_are_not_shown(name: str) -> None:
    shown = "\n".join(check_config(changed(BAD[name][0])))
    for secret in (
        "ninechars",
        "hunter2",
        "123456789012",
        "long-enough-for-all",
        "abcDEF123!",
        "a" * 40,
        "geheim",
        "OPENSSH",
    ):
        assert secret not in shown


def test_the_table_is_as_long_as_promised() -> None:
    assert len(BAD) >= 60
