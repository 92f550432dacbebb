"""The health agent's words when its verdict has changed, for facts_history."""

from __future__ import annotations

import re

UNITS = ("mariadb-ha-agent",)
WORDS = r"^verdict [0-9]+: "


def read(words: str) -> list[tuple[str, str, str, str, str]]:
    found = re.match(r"verdict ([0-9]+): (.*)", words)
    return [("server", "", "in" if found[1] == "200" else "out", "agent", found[2])] if found else []
