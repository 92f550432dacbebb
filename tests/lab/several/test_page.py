"""A page through the web pair that reads and writes the database through its VIP, while hosts of both lose power."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator

import pytest

from tests.lab.application import application
from tests.lab.changing import stack_file_says
from tests.lab.measuring import Measure
from tests.lab.stacks import ROOT, Stack

pytestmark = pytest.mark.matrix
PAGE, PORTS = "http://172.16.21.60/", (8081, 8082)
PATIENCE = 600.0
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def instances(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The application, twice, on the machine's own address; then the web pair hands it requests."""
    with application(stack, tmp_path_factory.mktemp("stack") / "application") as made:
        variables = {"DATABASE_URL": made.url, "DATABASE_OPTIONS": made.options}
    started = [
        subprocess.Popen(
            ["lab/run", sys.executable, "examples/application/service.py", str(port)],
            cwd=ROOT,
            env={**os.environ, **stack.env, **variables},
        )
        for port in PORTS
    ]
    try:
        upstream = [f"172.16.21.1:{port}" for port in PORTS]
        for one in upstream:
            answers(stack, f"http://{one}/healthz")
        with stack_file_says(stack, {"web": {"upstream": upstream}}):
            changed = stack.make("up")
            assert changed.code == 0, changed.out[-3000:]
            yield stack
    finally:
        for one in started:
            one.terminate()
            one.wait()


def answers(stack: Stack, url: str) -> None:
    """Until it does."""
    deadline = time.monotonic() + PATIENCE
    while stack.run("lab/run", "curl", "-sf", "-m", "60", url).code:
        assert time.monotonic() < deadline, f"{url} does not answer"
        time.sleep(1)


def ask(stack: Stack, words: str) -> tuple[int, str, float]:
    """One request through the web pair's VIP: an entry where there are words, else the page: status (0: none), page
    and seconds.
    """
    written = ["-d", f"words={urllib.parse.quote(words)}"] if words else []
    done = stack.run("lab/run", "curl", "-s", "-m", "60", "-w", "\n%{http_code}", *written, PAGE)
    page, _, status = done.out.rpartition("\n")
    return int(status or 0), page, done.seconds


def through(stack: Stack, host: str, measure: Measure) -> None:
    """Requests before, while and after a host is without power: every entry that was confirmed stays."""
    kept: list[str] = []
    failed, longest, asked = 0, 0.0, 0

    def write(seconds: float) -> None:
        nonlocal failed, longest, asked
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            words = f"entry {next(NUMBERS)}"
            status, _, took = ask(stack, words)
            asked, longest = asked + 1, max(longest, took)
            if status == 200:
                kept.append(words)
            else:
                failed += 1

    write(5)
    assert kept, "entries are written while all is well"
    assert stack.run("lab/power", host, "off").code == 0
    try:
        before = len(kept)
        write(30)
        assert len(kept) > before, "entries are written while the host is without power"
    finally:
        assert stack.run("lab/power", host, "on").code == 0
    assert stack.healthy_within(PATIENCE)
    write(5)
    held = stack.sql("mdb1", "SELECT words FROM app.guestbook").splitlines()
    assert set(kept) <= set(held), "nothing that was confirmed is lost"
    assert len(held) == len(set(held)), "nothing was written twice"
    measure(
        f"several: the page while {host} is without power",
        f"{asked} requests, {failed} failed, longest {longest:.2f} s",
    )


def test_both_systems_are_healthy_and_say_so(instances: Stack, measure: Measure) -> None:
    stack = instances
    measure("several: make up", f"{stack.resumed.seconds if stack.resumed else 0:.0f} s")
    assert stack.healthy_within(PATIENCE)
    found = stack.status()
    assert found["healthy"] is True, found["problems"]
    assert set(found["vip_holders"]) == {"172.16.21.188", "172.16.21.60"}
    assert set(stack.outputs["components"]) == {"galera", "web", "directors"}


def test_what_is_written_is_on_the_page(instances: Stack) -> None:
    assert ask(instances, "hello <world>")[0] == 200
    assert "hello &lt;world&gt;" in ask(instances, "")[1]


def test_a_director_loses_power(instances: Stack, measure: Measure) -> None:
    found = instances.status()
    through(instances, found["vip_holders"]["172.16.21.188"][0], measure)


def test_a_node_loses_power(instances: Stack, measure: Measure) -> None:
    through(instances, "mdb2", measure)


def test_a_web_host_loses_power(instances: Stack, measure: Measure) -> None:
    found = instances.status()
    through(instances, found["vip_holders"]["172.16.21.60"][0], measure)


def test_the_ledger_writes_to_the_database(instances: Stack) -> None:
    """`hactl ledger` counts writes where the stack has a database, whatever stands beside it."""
    done = instances.hactl("ledger", "--seconds", "5", "--json")
    assert done.code == 0, done.out
    report = json.loads(done.out)
    assert report["writes_acked"] > 0
    assert report["writes_lost"] == 0
