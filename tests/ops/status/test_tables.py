"""Tables that are not InnoDB or have no primary key are named; the others are not."""

from __future__ import annotations

import pytest

from ops.components import components_of
from ops.hosts.facts import HostFacts
from ops.hosts.shell import Answer
from ops.kinds.galera.tables import SQL, ask_tables, table_findings
from ops.kinds.galera.wsrep import Wsrep
from ops.status.finding import Finding
from ops.status.look import Status, look_closer
from tests.ops import stack


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


def seen(*states: int) -> dict[str, HostFacts]:
    """Nodes in these wsrep_local_state."""
    return {
        f"mdb{index}": HostFacts(
            host=f"mdb{index}", reached=True, parts={Wsrep: Wsrep(last={"wsrep_local_state": str(state)})}
        )
        for index, state in enumerate(states, 1)
    }


def asked(shell: OneShell, *states: int) -> list[Finding]:
    """What `hactl status` adds."""
    facts = seen(*states)
    return ask_tables(shell, facts, tuple(facts))


def test_status_asks_one_synced_node() -> None:
    shell = OneShell(Answer(reached=True, out="shop\tlog\tMyISAM\t1\n"))
    (found,) = asked(shell, 1, 4, 4)
    assert (found.host, found.severity) == ("mdb2", "warning")
    ((host, script),) = shell.asked
    assert host == "mdb2"
    assert SQL.replace("'", "'\"'\"'") in script


def test_status_asks_nobody_where_none_is_synced() -> None:
    shell = OneShell(Answer(reached=True))
    assert asked(shell, 1, 2) == []
    assert shell.asked == []


def test_every_look_of_hactl_status_includes_the_tables() -> None:
    """The cluster's own closer look, as the command calls it."""
    inventory = stack.inventory()
    facts = {host: HostFacts(host=host, reached=True) for host in inventory.hosts} | seen(4, 4, 4)
    shell = OneShell(Answer(reached=True, out="shop\tlog\tMyISAM\t1\n"))
    looked = look_closer(
        Status(inventory=inventory, components=components_of(inventory), facts=facts, findings=[]), shell
    )
    assert [finding.what for finding in looked.findings] == ["1 of 1 tables are not InnoDB: shop.log (MyISAM)"]
    assert looked.healthy, "a warning"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(reached=False, error="no answer"), "no answer"),
        (Answer(reached=True, code=1, error="a\nERROR 2013"), "ERROR 2013"),
        (Answer(reached=True, code=9), "code 9"),
    ],
)
def test_tables_that_cannot_be_listed_are_not_good_tables(answer: Answer, words: str) -> None:
    (problem,) = asked(OneShell(answer), 4)
    assert words in problem.what
    assert problem.severity == "warning"


def test_good_tables_are_no_news() -> None:
    assert table_findings("mdb1", "shop\torders\tInnoDB\t1\n") == []
    assert table_findings("mdb1", "") == []


def test_what_is_not_replicated_is_named() -> None:
    (problem,) = table_findings("mdb1", "shop\tlog\tMyISAM\t1\nshop\torders\tInnoDB\t1\n")
    assert problem.what == "1 of 2 tables are not InnoDB: shop.log (MyISAM)"
    assert "does not replicate" in problem.follows
    assert (problem.host, problem.severity) == ("mdb1", "warning")


def test_a_missing_primary_key_is_named_once_the_engine_is_right() -> None:
    (problem,) = table_findings("mdb1", "shop\tnotes\tInnoDB\t0\n")
    assert "no primary key: shop.notes" in problem.what
    (other,) = table_findings("mdb1", "shop\tlog\tAria\t0\n")
    assert "not InnoDB: shop.log (Aria)" in other.what


def test_many_are_counted() -> None:
    (problem,) = table_findings("mdb1", "".join(f"shop\tt{number}\tMEMORY\t0\n" for number in range(7)))
    assert "7 of 7" in problem.what
    assert problem.what.endswith("shop.t4 (MEMORY) and 2 more")
