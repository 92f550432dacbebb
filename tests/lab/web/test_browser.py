"""A real browser at the page of the web pair, through the VIP, before, during and after a failover."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.lab.drilling import drill
from tests.lab.measuring import Measure
from tests.lab.stacks import ROOT, Stack

VIP = "172.16.21.60"
PATIENCE = 300.0


class Looks:
    """A browser in the lab's network that loads the page again and again; `seen`: what each load showed."""

    def __init__(self, stack: Stack) -> None:
        self.seen: list[dict[str, str]] = []
        self.process = subprocess.Popen(
            ["lab/run", sys.executable, "-m", "tests.lab.looking", f"http://{VIP}/"],
            cwd=ROOT,
            env={**os.environ, **stack.env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.seen.append(json.loads(line))

    def until(self, wanted: Callable[[dict[str, str]], bool]) -> dict[str, str]:
        """The first load after this call that is as wanted; waited for so long that it never will be."""
        looked, deadline = len(self.seen), time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for found in self.seen[looked:]:
                if wanted(found):
                    return found
                looked += 1
            assert self.process.poll() is None, f"the browser ended with code {self.process.returncode}"
            time.sleep(0.1)
        raise AssertionError(self.seen[-5:])

    def end(self) -> None:
        """The browser is ended, and what it said is read to the end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(timeout=120) == 0
        self.reader.join()


@pytest.fixture
def looks(stack: Stack) -> Iterator[Looks]:
    """A browser at the page."""
    made = Looks(stack)
    try:
        yield made
        made.end()
    finally:
        assert made.process.stdin is not None
        made.process.stdin.close()  # the browser ends with it
        made.process.wait(timeout=120)


@pytest.mark.matrix
def test_a_browser_sees_the_page_before_during_and_after_a_failover(
    stack: Stack, looks: Looks, measure: Measure
) -> None:
    def page_of(host: str) -> Callable[[dict[str, str]], bool]:
        page = {"title": "Web pair", "heading": "It works", "served_by": host}
        return lambda found: found == page

    looks.until(page_of("web1"))
    before = len(looks.seen)
    assert drill(stack, "director-stop", measure)["target"] == "web1"
    during = looks.seen[before:]
    assert any(map(page_of("web2"), during)), during
    looks.until(page_of("web1"))
    shown = [found for found in looks.seen if "error" not in found]
    assert all(page_of(found["served_by"])(found) for found in shown), "a page that came was whole, whoever served it"
    assert {found["served_by"] for found in shown} == {"web1", "web2"}
    failed = sum("error" in found for found in during)
    measure("web: a browser during director-stop", f"{len(during)} loads, {failed} failed")
