"""Clients together: started a little apart, stopped together, asked what they saw."""

from __future__ import annotations

import itertools
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ops.ledger.client import Client, Events, Shared
from ops.ledger.history import History
from ops.ledger.writes import Session

#: All clients are started within this time, in seconds, so that they do not move in step.
SPREAD = 0.1
#: How long one is waited for at the end, in seconds: the longest patience that a client has, and a little.
JOIN_PATIENCE = 12.0


class Workload(ABC):
    """Several clients. Every one binds a source address of its own: with persistence on, LVS keeps an address with its
    server. `reads`: where clients that only read connect; None where they read where the others write."""

    def __init__(
        self,
        target: Any,
        addresses: Sequence[str],
        history: History,
        *,
        reads: Any = None,
    ) -> None:
        self.reads = reads
        self.events = Events(history=history, began=time.monotonic(), attempts=[], sessions=[], failures=[])
        self._stop = threading.Event()
        shared = Shared(target=target, events=self.events, stop=self._stop, numbers=itertools.count(1))
        self.clients: Sequence[Client] = self.make([*addresses] or [None], shared)

    @abstractmethod
    def make(self, sources: Sequence[str | None], shared: Shared) -> Sequence[Client]:
        """The clients, spread over the source addresses (None: whichever the kernel takes)."""

    def start(self) -> None:
        """Starts the clients."""
        for client in self.clients:
            client.start()
            time.sleep(SPREAD / max(len(self.clients), 1))

    def stop(self) -> None:
        """Ends the clients; waits for what they have in flight. May be called twice."""
        self._stop.set()
        for client in self.clients:
            if client.ident is not None:
                client.join(JOIN_PATIENCE)

    def writers(self) -> list[str]:
        """Names of the clients that write."""
        return [client.name for client in self.clients if client.writes]

    def serving(self) -> Counter[str]:
        """How many open sessions each server has now."""
        return Counter(client.current.server for client in self.clients if client.current is not None)

    def sessions(self) -> list[Session]:
        """Sessions that ended and those still open."""
        return [
            *self.events.sessions,
            *(client.current for client in self.clients if client.current is not None and client.is_alive()),
        ]
