"""hactl connect and hactl env: the right endpoint and account, and where the password is seen."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops import cli, outputs
from ops.connect.account import choose
from ops.connect.command import run_client
from ops.errors import Exit, OpsError

#: Nothing in it may be taken for syntax by a shell, a URL or an option file.
NASTY = """p'a"s\\s #$w;@/ö"""


def stack(**changes: Any) -> dict[str, Any]:
    """Outputs with their secrets, as Pulumi gives them: numbers are floating point."""
    accounts = {"app": {"username": "app", "host": "%", "password": NASTY}}
    found: dict[str, Any] = {
        "contract_version": 1,
        "endpoints": {"writer": {"host": "192.0.2.1", "port": 3306.0}, "reader": {"host": "192.0.2.2", "port": 3307.0}},
        "databases": {"app": {"name": "app", "accounts": accounts}},
    }
    return {**found, **changes}


def test_the_only_ones_need_no_name() -> None:
    login = choose(stack(), stack="dev", database=None, account=None)
    assert (login.host, login.port, login.database, login.username) == ("192.0.2.1", 3306, "app", "app")
    assert NASTY not in repr(login)
    assert choose(stack(), stack="dev", database="app", account="app", purpose="reader").port == 3307


SHOP = {"app": {"accounts": {}}, "shop": {"accounts": {"a": {"password": "x"}, "b": {"password": "y"}}}}


@pytest.mark.parametrize(
    ("found", "asked", "words"),
    [
        (stack(), {"database": "shop"}, "stack dev has no database 'shop'; it has: app"),
        (stack(databases={}), {}, "stack dev has no database"),
        (stack(databases=SHOP), {}, "stack dev has several databases: app, shop"),
        (stack(databases=SHOP), {"database": "app"}, "database app has no account"),
        (stack(databases=SHOP), {"database": "shop"}, "database shop has several accounts: a, b"),
        (stack(), {"account": "root"}, "database app has no account 'root'; it has: app"),
        (stack(endpoints={"web": {"host": "h", "port": 80}}), {}, "stack dev has no endpoint 'writer'; it has: web"),
    ],
)
def test_what_is_not_there_is_refused_in_words(found: dict[str, Any], asked: dict[str, str], words: str) -> None:
    with pytest.raises(OpsError) as refused:
        choose(found, stack="dev", **{"database": None, "account": None, **asked})
    assert refused.value.what == words
    assert refused.value.todo
    assert refused.value.code == Exit.REFUSED


def test_env_is_taken_over_by_a_shell_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "_pulumi", lambda *_: stack())
    done = CliRunner().invoke(cli.app, ["env", "--stack", "dev"])
    assert done.exit_code == 0, done.output
    shell = subprocess.run(
        ["bash", "-c", f"set -a; {done.output}\nprintenv DB_PASSWORD DATABASE_URL DB_PORT"],
        capture_output=True,
        text=True,
        check=True,
    )
    password, url, port = shell.stdout.splitlines()
    assert (password, port) == (NASTY, "3306")
    assert url == "mysql://app:p%27a%22s%5Cs%20%23%24w%3B%40%2F%C3%B6@192.0.2.1:3306/app"
    as_json = CliRunner().invoke(cli.app, ["env", "--stack", "dev", "--json"])
    assert json.loads(as_json.output)["DB_PASSWORD"] == NASTY


def test_the_client_gets_the_password_by_a_file_of_its_owner_that_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = tmp_path / "bin/mariadb"
    client.parent.mkdir()
    seen = tmp_path / "seen"
    client.write_text(
        f'#!/bin/bash\necho "$@" >{seen}\nfile=${{1#*=}}\nstat -c %a "$file" >>{seen}\ncat "$file" >>{seen}\nexit 3\n'
    )
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{client.parent}:/usr/bin:/bin")
    login = choose(stack(), stack="dev", database=None, account=None)
    assert run_client(login, ["env", "LAB=1"], tmp_path / "state") == 3, "the client's own exit code"
    command, mode, *lines = seen.read_text().splitlines()
    assert command.startswith("--defaults-extra-file=") and command.endswith(" app")
    assert NASTY not in command
    assert mode == "600"
    assert lines == [
        "[client]",
        'host="192.0.2.1"',
        'port="3306"',
        'user="app"',
        """password="p'a\\"s\\\\s #$w;@/ö\"""",
    ]
    assert list((tmp_path / "state").iterdir()) == []
