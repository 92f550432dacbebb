"""A client of a service without SQL: it asks for pages instead of writing rows."""

from __future__ import annotations

from typing import Any

from ops.ledger import pages
from ops.ledger.client import Client


class Asking(Client):
    """A client of HTTP."""

    server = ""

    def connect(self) -> tuple[Any, str]:
        """See `Client.connect`; who serves is told with the first answer."""
        target, source = self.shared.target, self.source
        return pages.connect(target, source, self.patience, handshake=self.handshake), self.server

    def discard(self) -> None:
        """See `Client.discard`."""
        if self.session is not None:
            self.session.close()
