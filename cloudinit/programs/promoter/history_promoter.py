"""The promoter's words on whether this host serves, for facts_history."""

from __future__ import annotations

import re

from promoter_decide import DEMOTE, FOLLOW, SERVE, WAIT

UNITS = ("mariadb-ha-promoter",)
#: Of its decisions those that are a state; the others are on the way to one.
STATES = {SERVE: "in", DEMOTE: "out", FOLLOW: "out", WAIT: "out"}
WORDS = rf"^({'|'.join(STATES)}): "


def read(words: str) -> list[tuple[str, str, str, str, str]]:
    found = re.match(WORDS + "(.*)", words)
    return [("server", "", STATES[found[1]], "promoter", found[2])] if found else []
