"""Tables that are not InnoDB or have no primary key are named; the others are not."""

from __future__ import annotations

from ops.judge_tables import judge_tables


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
