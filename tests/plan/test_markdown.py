"""The comment: the same for the same change, short enough, without secrets, and nothing but words from settings."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from ops.plan.difference import Difference, difference
from ops.plan.files import FileChange
from ops.plan.markdown import LONGEST, markdown, marker
from ops.plan.revision import Revisions
from ops.plan.text import text_lines
from tests.conftest import stack_config
from tests.plan.folders import changed, planned, section, write
from tests.plan.test_changes import CASES

SECRETS = ("a-Password-of-an-account-1", "Vrrp1234")


@pytest.mark.parametrize("name", CASES)
def test_a_comment_is_stable_and_short(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    text = markdown(changed(tmp_path / "1", case.edit, stack=case.stack, first=case.first))
    assert text == markdown(changed(tmp_path / "2", case.edit, stack=case.stack, first=case.first))
    assert text.startswith(marker(case.stack) + "\n")
    assert len(text) <= LONGEST
    assert text.count("<details") == text.count("</details>")


def file_change(number: int, lines: int) -> FileChange:
    """A file with so many changed lines."""
    return FileChange(
        path=f"/etc/file-{number}",
        hosts=("a", "b"),
        change="changed",
        secret=False,
        owner_set="plain",
        about=(),
        diff=tuple(f"+line {line} of ```" for line in range(lines)),
        actions=(),
    )


@pytest.mark.parametrize(("files", "lines"), [(3, 5000), (60, 400), (400, 200), (5000, 3)])
def test_a_huge_change_still_fits_and_says_that_it_was_shortened(files: int, lines: int) -> None:
    found = Difference(stack="dev", against="main", files=tuple(file_change(number, lines) for number in range(files)))
    text = markdown(found)
    assert len(text) <= LONGEST
    assert re.search(r"more lines|\(\d+ lines\)|more than a comment can hold", text)


def test_a_fence_in_a_file_does_not_end_the_block() -> None:
    text = markdown(Difference(stack="dev", against="main", files=(file_change(1, 2),)))
    assert "\n````diff\n" in text


def test_words_of_settings_are_no_markup_and_call_nobody() -> None:
    found = Difference(stack="dev", against="main", cautions=("<img src=x> @everyone [a](b) **x**",), refused=())
    line = next(line for line in markdown(found).splitlines() if "img" in line)
    assert "<img" not in re.sub(r"\\<", "", line)
    assert "@everyone" not in line
    assert r"\[a\](b)" in line


def with_secrets(config: dict[str, Any], *, sealed: str = "") -> None:
    """Secrets that are written down, in clear or encrypted."""
    section(config, "directors")["authentication"] = {"auth_pass": SECRETS[1]}
    section(config, "directors")["vrrp_version"] = 2
    section(config, "timers")["profile"] = "classic"
    password = {"secure": sealed} if sealed else SECRETS[0]
    section(config, "databases")["app"] = {"accounts": {"app": {"password": password}}}


def test_no_secret_is_in_any_output(tmp_path: Path) -> None:
    found = changed(tmp_path, with_secrets)
    assert found.changed
    for text in (markdown(found), "\n".join(text_lines(found)), str(found.as_json())):
        for secret in SECRETS:
            assert secret not in text
    assert "secret: not shown" in markdown(found)


def test_no_secret_is_in_the_document_of_a_plan(tmp_path: Path) -> None:
    config = stack_config("dev")
    with_secrets(config)
    text = planned(write(tmp_path, config)).model_dump_json()
    assert not [secret for secret in SECRETS if secret in text]


def test_encrypted_values_are_stood_in_for_and_a_new_cipher_text_is_said(tmp_path: Path) -> None:
    before, after = stack_config("dev"), stack_config("dev")
    with_secrets(before, sealed="v1:abc:def")
    with_secrets(after, sealed="v1:abc:xyz")
    after["mariadb-ha:stack_secret"] = {"secure": "v1:new:one"}
    del after["mariadb-ha:stack_secret_file"]
    found = difference(
        Revisions(
            against="main",
            before=planned(write(tmp_path / "before", before)),
            after=planned(write(tmp_path / "after", copy.deepcopy(after))),
        )
    )
    assert not found.refused
    text = markdown(found)
    assert "databases.app.accounts.app.password" in text
    assert "encrypted anew" in text
    assert "v1:abc" not in text


def test_what_cannot_be_read_because_it_is_encrypted_is_refused_in_words(tmp_path: Path) -> None:
    config = stack_config("dev")
    section(config, "directors")["vip"] = {"secure": "v1:abc:def"}
    found = planned(write(tmp_path, config))
    assert any("directors.vip" in message and "encrypted" in message for message in found.refused)
