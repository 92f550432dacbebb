"""Tables that are not InnoDB or have no primary key are named; the others are not."""

from __future__ import annotations

import pytest

from ops.facts import HostFacts, Wsrep
from ops.judge_tables import SQL, judge_tables
from ops.shell import Answer
from ops.status import Status, with_tables


class OneShell:
    """Answers every script the same."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str]] = []

    def run(self, host: str, script: str, *, timeout: float = 30.0) -> Answer:
        """See `Shell.run`."""
        self.asked.append((host, script))
        return self.answer

    def follow(self, host: str, script: str, *, timeout: float, say: object) -> Answer:
        """See `Shell.follow`."""
        raise NotImplementedError


def seen(*states: int) -> Status:
    """Nodes in these wsrep_local_state; a director before them."""
    nodes = {
        f"mdb{index}": HostFacts(host=f"mdb{index}", reached=True, wsrep=Wsrep(last={"wsrep_local_state": str(state)})) for index, state in enumerate(states, 1)
    }
    return Status(facts={"ha1": HostFacts(host="ha1", reached=True), **nodes}, problems=[])


def test_status_asks_one_synced_node() -> None:
    shell = OneShell(Answer(reached=True, out="shop\tlog\tMyISAM\t1\n"))
    found = with_tables(seen(1, 4, 4), shell)
    assert [problem.host for problem in found.problems] == ["mdb2"]
    assert found.healthy, "a warning"
    ((host, script),) = shell.asked
    assert host == "mdb2"
    assert SQL.replace("'", "'\"'\"'") in script


def test_status_asks_nobody_where_none_is_synced() -> None:
    shell = OneShell(Answer(reached=True))
    assert with_tables(seen(1, 2), shell).problems == []
    assert shell.asked == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(reached=False, error="no answer"), "no answer"),
        (Answer(reached=True, code=1, error="a\nERROR 2013"), "ERROR 2013"),
        (Answer(reached=True, code=9), "code 9"),
    ],
)
def test_tables_that_cannot_be_listed_are_not_good_tables(answer: Answer, words: str) -> None:
    (problem,) = with_tables(seen(4), OneShell(answer)).problems
    assert words in problem.figure
    assert problem.severity == "warning"


def test_good_tables_are_no_news() -> None:
    assert judge_tables("mdb1", "shop\torders\tInnoDB\t1\n") == []
    assert judge_tables("mdb1", "") == []


def test_what_is_not_replicated_is_named() -> None:
    (problem,) = judge_tables("mdb1", "shop\tlog\tMyISAM\t1\nshop\torders\tInnoDB\t1\n")
    assert problem.figure == "1 of 2 tables are not InnoDB: shop.log (MyISAM)"
    assert "does not replicate" in problem.follows
    assert (problem.host, problem.severity) == ("mdb1", "warning")


def test_a_missing_primary_key_is_named_once_the_engine_is_right() -> None:
    (problem,) = judge_tables("mdb1", "shop\tnotes\tInnoDB\t0\n")
    assert "no primary key: shop.notes" in problem.figure
    (other,) = judge_tables("mdb1", "shop\tlog\tAria\t0\n")
    assert "not InnoDB: shop.log (Aria)" in other.figure


def test_many_are_counted() -> None:
    (problem,) = judge_tables("mdb1", "".join(f"shop\tt{number}\tMEMORY\t0\n" for number in range(7)))
    assert "7 of 7" in problem.figure
    assert problem.figure.endswith("shop.t4 (MEMORY) and 2 more")
