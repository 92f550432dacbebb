"""docs/runbook.md has every sentence that `hactl status` can say, of every kind, and no other.

The sentences are read from the code (sentences.py), so that a new one without an entry fails here.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest

import ops
from ops.component import Unit
from tests.conftest import ROOT
from tests.ops.status.sentences import HOLE, matches, program_words, said_in, sentences

HEAD = "`hactl status` says"
#: What another command says stands in such a table with that command behind it: (hactl switchover), (`up`).
ELSEWHERE = re.compile(r"\((hactl [a-z -]+|`[a-z ]+`)\)$")
#: The sentence about a unit: its two words are filled in, so each unit counts as a sentence.
OF_A_UNIT = f"{HOLE} is {HOLE}"
SAID = sentences(ROOT / "ops")
PROGRAMS = program_words(ROOT / "cloudinit" / "programs") | program_words(ROOT / "ops")


def units() -> set[str]:
    """Names of all units that any component asks for."""
    found: set[str] = set()
    for module in pkgutil.walk_packages(ops.__path__, "ops."):
        if not module.name.endswith("__main__"):
            for value in vars(importlib.import_module(module.name)).values():
                several = value if isinstance(value, tuple) else (value,)
                found |= {each.name for each in several if isinstance(each, Unit)}
    return found


WANTED = {**{words: place for words, place in SAID.items() if words != OF_A_UNIT}} | {
    f"{name} is {HOLE}": SAID[OF_A_UNIT] for name in units()
}


def entries(text: str) -> Iterator[str]:
    """The sentences in the first column of the tables of what status says."""
    head = ""
    for line in text.splitlines():
        if not line.startswith("|"):
            head = ""
            continue
        first = re.split(r"(?<!\\)\|", line)[1].strip()
        if not head:
            head = first
        elif head == HEAD and not ELSEWHERE.search(first):
            yield from (words.replace(r"\|", "|") for words in re.findall(r"`([^`]+)`", first))


ENTRIES = sorted(set(entries((ROOT / "docs/runbook.md").read_text())))


def reason_of(template: str, entry: str) -> str:
    """The reason that an entry gives, where the sentence ends in one."""
    if not template.endswith(f": {HOLE}"):
        return HOLE
    head = ".*?".join(map(re.escape, template.removesuffix(HOLE).split(HOLE)))
    found = re.match(head, entry)
    return entry[found.end() :] if found else HOLE


def trouble_with(entry: str) -> str:
    """Why an entry is no sentence that status can say; empty where it is one."""
    fitting = [words for words in WANTED if matches(words, entry)]
    if not fitting:
        return "status does not say it"
    if any(reason_of(words, entry) == HOLE for words in fitting):
        return ""
    reasons = {reason_of(words, entry) for words in fitting}
    known = any(matches(words, reason) for words in PROGRAMS for reason in reasons)
    return "" if known else f"no program gives the reason {' or '.join(sorted(reasons))}"


@pytest.mark.parametrize("words", sorted(WANTED))
def test_every_sentence_has_an_entry(words: str) -> None:
    assert any(matches(words, entry) for entry in ENTRIES), f"{WANTED[words]} says it, docs/runbook.md does not"


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_is_a_sentence(entry: str) -> None:
    assert not trouble_with(entry)


def test_an_entry_that_nobody_says_is_found() -> None:
    assert trouble_with("… is the only director that is left")
    assert trouble_with("it may not hold the VIP: the moon is full")
    assert not trouble_with("it may not hold the VIP: …")


def test_sentences_of_all_ways_through_a_function_are_read() -> None:
    """Conditions, parts that are added, tables of words: as the code of the findings has them."""
    code = """
def findings(host, seen):
    state = {"": "is out of sight"}.get(seen, f"is {seen}")
    what = f"it {state}"
    if seen:
        what += ", and waits" if host else ""
    return [Finding(host=host, what=what), Finding(host=host, what="a" if seen else f"b {1:.2f}")]
"""
    assert {words for _, words in said_in(code)} == {
        f"it is {HOLE}",
        f"it is {HOLE}, and waits",
        "it is out of sight",
        "it is out of sight, and waits",
        "a",
        f"b {HOLE}",
    }
    assert said_in("def f(x):\n    return Finding(host=x, what=x)\n") == {(2, HOLE)}


def test_no_sentence_is_nothing_but_what_is_filled_in() -> None:
    """Else any entry would do. A name that the reader of the code does not follow ends up so, too."""
    assert [words for words in WANTED if not re.search(r"\w{4}", words)] == []


def places() -> set[str]:
    """What messages of any program name as a place in the runbook."""
    found: set[str] = set()
    for folder in ("ops", "settings", "deploy", "preflight", "cloudinit/programs"):
        for file in (ROOT / folder).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                found |= set(re.findall(r"docs/runbook\.md, ([A-Za-z -]+[A-Za-z])", file.read_text()))
    return found


def test_a_place_that_a_message_names_is_there() -> None:
    text = (ROOT / "docs/runbook.md").read_text().lower()
    assert len(places()) > 5
    assert sorted(place for place in places() if place.lower() not in text) == []
