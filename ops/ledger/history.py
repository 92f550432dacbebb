"""The history of a drill, kept as JSON lines while it happens: a killed drill leaves what it saw so far."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ops.ledger.writes import Attempt


class History:
    """An append-only file of records, safe for many threads. `kind` says what a record is."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.Lock()
        self._file = path.open("w", encoding="utf-8", buffering=1)

    def add(self, kind: str, record: dict[str, Any]) -> None:
        """Writes one record."""
        with self._lock:
            if not self._file.closed:
                self._file.write(json.dumps({"kind": kind} | record) + "\n")

    def close(self) -> None:
        """Ends the file. Later records are dropped."""
        with self._lock:
            self._file.close()


def attempt_record(attempt: Attempt) -> dict[str, Any]:
    """An attempt as JSON, times to the microsecond."""
    return asdict(attempt) | {"start": round(attempt.start, 6), "end": round(attempt.end, 6)}
