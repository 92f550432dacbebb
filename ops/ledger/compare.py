"""What clients were told against what the nodes hold, as every report of a ledger tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops.ledger.store import Contents
from ops.ledger.writes import Attempt, Result, Verdict, check

Held = Mapping[str, Contents | None]
#: What is counted, and what the service does to it when all is well.
DONE = {"write": "acknowledged", "request": "answered"}


@dataclass
class Marks:
    """When things happened, in seconds since the workload began. `end`: when the clients ended, None when it did not
    come to that."""

    end: float | None = None
    events: list[tuple[float, str]] = field(default_factory=list)

    def timeline(self) -> list[dict[str, Any]]:
        """The events for scripts."""
        return [{"t": round(at, 3), "event": words} for at, words in self.events]


def verdict(attempts: Sequence[Attempt], contents: Held) -> Verdict:
    """The ledger against what the nodes that answered hold."""
    return check(attempts, {host: held.numbers for host, held in contents.items() if held and held.numbers is not None})


def equal(contents: Held) -> bool:
    """True when at least one node answered, and all that did hold the same rows under the same checksum."""
    return len({(held.checksum, held.digest) for held in contents.values() if held is not None}) == 1


def not_answering(contents: Held) -> list[str]:
    """The nodes that did not answer."""
    return [host for host, held in contents.items() if held is None]


def writes_json(attempts: Sequence[Attempt], found: Verdict) -> dict[str, int]:
    """How many writes had which fate."""
    counted = {result: sum(a.result is result for a in attempts) for result in Result}
    return {
        "writes_acked": counted[Result.ACKED],
        "writes_refused": counted[Result.REFUSED],
        "writes_unknown": counted[Result.UNKNOWN],
        "writes_lost": len(found.lost),
        "writes_duplicated": len(found.duplicated),
        "writes_phantom": len(found.phantom),
        "writes_stranger": len(found.stranger),
    }


def nodes_json(contents: Held) -> dict[str, dict[str, Any] | None]:
    """What each node holds, in short; null for one that did not answer."""
    return {host: _node_json(held) if held else None for host, held in contents.items()}


def _node_json(held: Contents) -> dict[str, Any]:
    rows = None if held.numbers is None else len(held.numbers)
    return {"rows": rows, "checksum": held.checksum, "sha256": held.digest}


def writes_lines(data: Mapping[str, Any]) -> list[str]:
    """The same for people."""
    if data.get("counts") == "requests":
        return [
            f"requests           {data['writes_acked']} answered, {data['writes_refused']} refused,"
            f" {data['writes_unknown']} without an answer"
        ]
    return [
        f"writes             {data['writes_acked']} acknowledged, {data['writes_refused']} refused,"
        f" {data['writes_unknown']} unknown",
        f"  lost             {data['writes_lost']}   duplicated {data['writes_duplicated']}   refused but there"
        f" {data['writes_phantom']}"
        f"   never written {data['writes_stranger']}",
    ]


def nodes_line(data: Mapping[str, Any]) -> str:
    """Whether the nodes are equal, for people."""
    told = ", ".join(f"{host} {_held(held)}" for host, held in data["nodes"].items())
    return f"nodes equal        {'yes' if data['nodes_equal'] else 'NO'} ({told})"


def _held(held: Mapping[str, Any] | None) -> str:
    if held is None:
        return "did not answer"
    return f"answers {held['checksum']}" if held["rows"] is None else f"{held['rows']} rows"


def wrong_lines(found: Verdict) -> list[str]:
    """The numbers of the writes that are not as clients were told, at most 20 of each kind."""
    lines = []
    for name, numbers in (("lost", found.lost), ("duplicated", found.duplicated), ("refused but there", found.phantom)):
        if numbers:
            shown = ", ".join(map(str, sorted(numbers)[:20]))
            lines.append(f"{name}: write {shown}{' …' if len(numbers) > 20 else ''}")
    return lines
