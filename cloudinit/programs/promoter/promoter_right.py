"""The right to take writes, and the word to keepalived, below /run: a reboot loses both. What a reboot does not lose:
whose history is the later one.
"""

from __future__ import annotations

import json

from mha_common import at
from mha_files import read_object, write_atomically


class Right:
    """Whether this host holds the right, and its term. What is kept on the disk is what holds when the promoter is
    started again.
    """

    def __init__(self, name: str) -> None:
        self.file = f"/run/mariadb-ha/{name}.right"
        kept = read_object(self.file)
        self.held = bool(kept.get("held"))
        self.lasting = f"/var/lib/mariadb-ha/{name}.history"
        #: The term with which this host took writes last. Of two histories that cannot follow each other the later
        #: one counts.
        self.history = int(read_object(self.lasting).get("term", 0))
        self.term = max(int(kept.get("term", 0)), self.history)

    def keep(self, term: int) -> None:
        self._write(held=True, term=term)

    def give(self, term: int) -> None:
        self._write(held=False, term=term)

    def promoted(self) -> None:
        """Kept before the first write: from now on this host's history is the one that counts."""
        if self.history != self.term:
            write_atomically(at(self.lasting), json.dumps({"term": self.term}) + "\n")
            self.history = self.term

    def _write(self, *, held: bool, term: int) -> None:
        write_atomically(at(self.file), json.dumps({"held": held, "term": term}) + "\n")
        self.held, self.term = held, term
