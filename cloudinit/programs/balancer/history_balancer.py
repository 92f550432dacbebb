"""haproxy's words on its servers, for facts_history (haproxy's management guide: `Server BACKEND/NAME is UP`)."""

from __future__ import annotations

import re

UNITS = ("haproxy",)
WORDS = r"Server [^ ]+ is (UP|DOWN)"


def read(words: str) -> list[tuple[str, str, str, str, str]]:
    found = re.search(r"Server ([^/ ]+)/(\S+) is (UP|DOWN)(?:, reason: ([^,]*))?", words)
    if not found:
        return []
    return [("server", found[2], "in" if found[3] == "UP" else "out", f"haproxy {found[1]}", found[4] or "")]
