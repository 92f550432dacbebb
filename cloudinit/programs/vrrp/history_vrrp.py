"""keepalived's words on the state of a VRRP instance, for facts_history."""

from __future__ import annotations

import re

UNITS = ("keepalived",)
WORDS = r"Entering (MASTER|BACKUP|FAULT) STATE"


def read(words: str) -> list[tuple[str, str, str, str, str]]:
    found = re.search(rf"\(([^()]+)\) {WORDS}", words)
    return [("vrrp", found[1], found[2], "keepalived", "")] if found else []
