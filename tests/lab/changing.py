"""Tools of the tests that change a living stack: the stack file edited and put back, clients that write meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.lab.conftest import ROOT


@contextmanager
def stack_file_says(changes: dict[str, dict[str, Any]], file: Path = ROOT / "Pulumi.dev.yaml") -> Iterator[None]:
    """The tracked stack file with settings changed (by section), as its user would edit it; put back at the end."""
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
    """`hactl ledger` at work: clients with a sane pool write through the VIP. `report` is there once `end` was called."""

    def __init__(self, hactl: Sequence[str], stack: str, lab: str) -> None:
        self.process = subprocess.Popen(
            [*hactl, "ledger", "--json", "--stack", stack],
            cwd=ROOT,
            env={**os.environ, "LAB_NAME": lab},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.words: list[str] = []
        self.started = threading.Event()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        if not self.started.wait(120):
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
        self.process.wait(timeout=300)
        assert text, "".join(self.words)
        self.report = json.loads(text)
        return self.report


@contextmanager
def clients_write(hactl: Sequence[str] = ("./hactl",), stack: str = "dev", lab: str = "default") -> Iterator[Ledger]:
    """Clients write while the block runs; afterwards nothing acknowledged may be missing on any node. Gaps are told, never asserted."""
    ledger = Ledger(hactl, stack, lab)
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
