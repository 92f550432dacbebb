"""What a recording is compared with: a ledger in SQL, or, where there is no SQL, what each host answers."""

from __future__ import annotations

from typing import Any, Protocol

from ops.component import Component
from ops.hosts.shell import Shell
from ops.inventory import Endpoint
from ops.ledger.addresses import writer
from ops.ledger.compare import Held
from ops.ledger.pages import PageBooks
from ops.ledger.store import Store, ledger_nodes


class Books(Protocol):
    """`noun`: what is counted, `write` or `request`; `verb`: what clients want."""

    noun: str
    verb: str

    def target(self, endpoint: Endpoint) -> Any:
        """Where clients connect, as they know it."""

    @property
    def by_hand(self) -> str:
        """What undoes `create`, for a person; empty where nothing is made."""

    def refuse_another_drill(self) -> None:
        """Raises OpsError when another drill is at work now."""

    def create(self) -> None:
        """Sweeps what a killed drill left, and makes what the clients need."""

    def drop(self) -> None:
        """Removes it."""

    def read(self) -> Held:
        """What every node holds; None: it did not answer."""


def books_of(component: Component, shell: Shell) -> tuple[Endpoint, Books]:
    """Where clients of a component come, and what their history is compared with.

    Raises:
        OpsError: there is neither a place for writes nor one for requests.
    """
    pages = component.pages()
    if pages is not None:
        return pages.endpoint, PageBooks(pages)
    return writer(component.inventory, component), Store(ledger_nodes(component), shell)
