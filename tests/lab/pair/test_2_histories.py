"""Two histories: found, saved, named with tables and keys, never merged; and how a server takes its place again."""

from __future__ import annotations

import json

import pytest

from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.pair.pairing import diverge, pair, said, within, writers
from tests.lab.stacks import Stack

SAVED = "/var/lib/mariadb-ha/surplus"


def test_the_same_key_on_both_sides_stops_replication_and_is_named(stack: Stack) -> None:
    """As after a cut in which both took writes."""
    writer, standby = pair(stack)
    stack.sql(writer, "CREATE OR REPLACE TABLE app.keys_of_both (id INT PRIMARY KEY, words VARCHAR(20))")
    within(lambda: "keys_of_both" in stack.sql(standby, "SHOW TABLES IN app"), what="the table on both")
    diverge(
        stack,
        writer,
        standby,
        only="INSERT INTO app.keys_of_both VALUES (7, 'mine'); CREATE DATABASE only_here",
        after="INSERT INTO app.keys_of_both VALUES (7, 'yours')",
    )
    within(lambda: "app.keys_of_both" in json.dumps(said(stack)), what="status names the table")
    words = json.dumps(said(stack))
    assert "app.keys_of_both (1 rows, keys 7)" in words, words
    assert "CREATE DATABASE only_here" in words, words
    assert writers(stack) == [writer]
    assert stack.sql(writer, "SELECT words FROM app.keys_of_both WHERE id = 7").strip() == "yours"
    assert stack.sql(standby, "SELECT words FROM app.keys_of_both WHERE id = 7").strip() == "mine"
    assert "only_here" not in stack.sql(writer, "SHOW DATABASES").split()
    assert "only_here" in stack.ssh(standby, f"sudo sh -c 'cat {SAVED}/*.sql'").out


def test_no_drill_and_no_switchover_without_a_standby(stack: Stack) -> None:
    assert stack.hactl("drill", "writer-stop", "--yes", "--json").code == 2
    assert stack.hactl("switchover", "--yes").code == 2


def test_it_is_not_discarded_without_a_word(stack: Stack) -> None:
    writer, standby = pair(stack)
    refused = stack.hactl("rejoin", standby, "--yes")
    assert refused.code == 2, refused.out
    assert "--discard-its-own" in refused.out
    assert "app.keys_of_both" in refused.out
    refused = stack.hactl("rejoin", writer, "--discard-its-own", "--yes")
    assert refused.code == 2
    assert f"{writer} takes writes" in refused.out


def test_with_the_word_it_becomes_a_copy_and_its_old_data_is_kept(stack: Stack) -> None:
    writer, standby = pair(stack)
    done = stack.hactl("rejoin", standby, "--discard-its-own", "--yes", "--json")
    assert done.code == 0, done.out
    assert stack.healthy_within(), said(stack)
    assert writers(stack) == [writer]
    assert stack.sql(standby, "SELECT words FROM app.keys_of_both WHERE id = 7").strip() == "yours"
    kept = stack.ssh(standby, "sudo find / -xdev -path '*mariadb-ha/aside-*/only_here' -type d").out
    assert "only_here" in kept, "the old data directory is whole, beside the new one"
    again = stack.hactl("rejoin", standby, "--discard-its-own", "--yes", "--json")
    assert json.loads(again.out)["changed"] is False


@pytest.mark.matrix
def test_the_copy_takes_over(stack: Stack, measure: Measure) -> None:
    drill(stack, "writer-stop", measure)


@pytest.mark.matrix
def test_a_copy_that_is_cut_short_is_finished(stack: Stack) -> None:
    """The host loses power while the copy takes the old data's place."""
    writer, standby = pair(stack)
    stack.ssh(
        standby,
        "sudo systemd-run --quiet --collect --unit=copy /usr/local/lib/mariadb-ha/master-clone --discard-its-own",
    )
    stage = 'sudo grep -o \'"stage": "[a-z]*"\' /var/lib/mariadb-ha/clone.json'
    wait = f"end=$((SECONDS+30)); until {stage}; do [ $SECONDS -lt $end ] || exit 1; done"
    within(lambda: stack.ssh(standby, wait).code == 0, what="the copy takes its place")
    assert stack.run("lab/power", standby, "off").code == 0
    assert stack.run("lab/power", standby, "on").code == 0
    within(lambda: stack.ssh(standby, "true").code == 0, what=f"{standby} is back")
    done = stack.hactl("rejoin", standby, "--yes", "--json")
    assert done.code == 0, done.out
    assert stack.healthy_within(), said(stack)
    assert pair(stack)[0] == writer
    stack.sql(writer, "INSERT INTO app.t (words) VALUES ('after the copy')")
    within(
        lambda: stack.sql(standby, "SELECT COUNT(*) FROM app.t WHERE words = 'after the copy'").strip() == "1",
        what="the copy follows",
    )


@pytest.mark.matrix
def test_a_broken_server_is_rebuilt(stack: Stack, measure: Measure) -> None:
    """Its system tables are gone: it does not even start."""
    writer, standby = pair(stack)
    stack.ssh(
        standby, "sudo systemctl kill -s KILL mariadb; sudo rm -rf /var/lib/mysql/ibdata1 /var/lib/mysql/mysql/db.*"
    )
    stack.ssh(standby, "sudo systemctl stop mariadb")
    done = stack.hactl("rebuild", standby, "--yes", "--json")
    assert done.code == 0, done.out
    assert stack.healthy_within(), said(stack)
    assert writers(stack) == [writer]
    assert drill(stack, "writer-kill", measure)["target"] == writer
