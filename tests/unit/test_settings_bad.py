"""Every bad configuration gets its message: the key, what is wrong, what follows, what to write."""

from __future__ import annotations

import pytest

from settings import SettingsError, check_config, load_stack
from tests.unit.settings_bad import BAD, Case
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


@pytest.mark.parametrize("name", sorted(name for name in BAD if "password" in name or "auth_pass" in name or "secret" in name or "private" in name))
def test_secrets_are_not_shown(name: str) -> None:
    shown = "\n".join(check_config(changed(BAD[name][0])))
    for secret in ("ninechars", "hunter2", "123456789012", "long-enough-for-all", "abcDEF123!", "a" * 40, "geheim", "OPENSSH"):
        assert secret not in shown


def test_the_table_is_as_long_as_promised() -> None:
    assert len(BAD) >= 60
