"""Tools of the tests that change a living stack: the stack file edited and put back, clients that write meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from tests.lab.stacks import ROOT, Stack


@contextmanager
def stack_file_says(stack: Stack, changes: dict[str, dict[str, Any]]) -> Iterator[None]:
    """The stack file with settings changed (by section), as its user would edit it; put back at the end."""
    file = stack.file
    before = file.read_text()
    document = yaml.safe_load(before)
    for section, values in changes.items():
        key = f"mariadb-ha:{section}"
        document["config"][key] = {**document["config"].get(key, {}), **values}
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    try:
        yield
    finally:
        file.write_text(before)


class Ledger:
    """`hactl ledger` at work: clients with a sane pool write through the VIP.

    `report` is there once `end` was called.
    """

    def __init__(self, stack: Stack) -> None:
        self.process = subprocess.Popen(
            ["./hactl", "ledger", "--json", "--stack", stack.name],
            cwd=ROOT,
            env={**os.environ, **stack.env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.words: list[str] = []
        self.started = threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        if not self.started.wait(600):
            self.process.kill()
            raise AssertionError("the clients did not start:\n" + "".join(self.words))
        time.sleep(5)
        self.report: dict[str, Any] = {}

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.words.append(line)
            if "clients started" in line:
                self.started.set()

    def end(self) -> dict[str, Any]:
        """Ends the clients and has every node compared with what they were told."""
        time.sleep(5)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        text = self.process.stdout.read()
        self.process.wait(timeout=900)
        assert text, "".join(self.words)
        self.report = json.loads(text)
        return self.report


@contextmanager
def clients_write(stack: Stack) -> Iterator[Ledger]:
    """Clients write while the block runs; afterwards nothing acknowledged may be missing on any node.

    Gaps are told, never asserted.
    """
    ledger = Ledger(stack)
    try:
        yield ledger
    except BaseException:
        ledger.process.kill()
        ledger.process.wait()
        raise
    report = ledger.end()
    print({key: value for key, value in report.items() if not isinstance(value, list | dict)})
    assert report["writes_acked"] > 0
    assert report["writes_lost"] == 0
    assert report["nodes_equal"] is True
