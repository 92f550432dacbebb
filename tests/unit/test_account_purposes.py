"""Accounts by purpose: what the servers' program is told, and who is asked whether SQL answers."""

from __future__ import annotations

import pytest

from plan.parts.accounts import databases
from settings.rules.privileges import BEYOND, DATABASE
from tests.conftest import make_context

CHANGES = {"databases": {"app": {"accounts": {"watch": {"purpose": "monitoring"}, "app": {}}}}}


@pytest.mark.parametrize("purpose", ["monitoring", "backup", "replica"])
def test_it_gets_the_rights_of_its_purpose_and_none_to_change_data(purpose: str) -> None:
    context = make_context({"databases": {"app": {"accounts": {"x": {"purpose": purpose}}}}})
    account = databases(context, "galera")["app"]["accounts"]["x"]
    assert "privileges" not in account
    given = {name for names in account["server_privileges"].values() for name in names}
    assert given
    assert given <= {*DATABASE, *BEYOND}
    assert not given & {"ALL", "ALL PRIVILEGES", "INSERT", "UPDATE", "DELETE", "DROP", "ALTER", "CREATE", "SUPER"}


def test_only_a_backup_reads_the_data() -> None:
    for purpose, reads in {"monitoring": False, "backup": True, "replica": False}.items():
        context = make_context({"databases": {"app": {"accounts": {"x": {"purpose": purpose}}}}})
        everywhere = databases(context, "galera")["app"]["accounts"]["x"]["server_privileges"]["*"]
        assert ("SELECT" in everywhere) == reads


def test_an_application_is_told_as_before() -> None:
    account = databases(make_context(CHANGES), "galera")["app"]["accounts"]["app"]
    assert account["privileges"] == ["ALL PRIVILEGES"]
    assert "server_privileges" not in account


def test_whether_sql_answers_is_asked_with_an_account_of_the_database() -> None:
    assert make_context(CHANGES).settings.databases["app"].applications() == ("app",)
