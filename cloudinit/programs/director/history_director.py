"""A director's words on its real servers, for facts_history: keepalived's checks, and drain-watch."""

from __future__ import annotations

import re

UNITS = ("keepalived", "mariadb-ha-drain-watch")
WORDS = r"(Removing|Adding) service \[|: (takes|no) new clients \("

_CHECK = re.compile(r"(Removing|Adding) service \[([^]]+)\]:\S+ (?:from|to) VS (\S+)")
_WATCH = re.compile(r"(\S+): (takes|no) new clients \((.*)\)$")


def read(words: str) -> list[tuple[str, str, str, str, str]]:
    if found := _CHECK.search(words):
        # A server is removed from every virtual server that it stands behind: each is a teller of its own.
        return [("server", found[2], "in" if found[1] == "Adding" else "out", found[3], "its check failed")]
    if found := _WATCH.match(words):
        return [("server", found[1], "in" if found[2] == "takes" else "out", "drain-watch", found[3])]
    return []
