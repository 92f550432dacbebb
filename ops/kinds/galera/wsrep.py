"""The wsrep figures of a node, as host-facts asks MariaDB for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

#: Seconds between the two samples, where the host does not say how long it really was.
SAMPLE = 0.5
MARK = "--sample--"
#: A command's code when it was not waited for any longer (timeout(1)).
TIMED_OUT = 124
_VARIABLES = ("read_only", "wsrep_reject_queries", "wsrep_node_name", "wsrep_desync", "version")
SESSION = "session"


@dataclass(frozen=True, kw_only=True)
class Session:
    """One that waits for a lock or changes a schema for a while. `statement`: its first words; `seconds` in `state`."""

    number: int
    user: str
    seconds: float
    state: str
    statement: str


@dataclass(frozen=True, kw_only=True)
class Wsrep:
    """Two samples of the wsrep status, `span` seconds apart, and a few variables.

    `error`: why there is none; `slow`: it just did not come in time. `sst`: the host's part in a state transfer, donor,
    joiner or empty, None where it did not say; `unanswered`: joiners' SST ports that do not answer it.
    """

    first: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    error: str = ""
    slow: bool = False
    span: float = SAMPLE
    sessions: tuple[Session, ...] = ()
    sst: str | None = None
    unanswered: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """A figure as MariaDB prints it; empty when it was not given."""
        return self.last.get(f"wsrep_{name}", "")

    def number(self, name: str, *, first: bool = False) -> float:
        """A figure as a number; 0 when it was not given."""
        try:
            return float((self.first if first else self.last).get(f"wsrep_{name}", "0"))
        except ValueError:
            return 0.0

    def data_nodes(self) -> int:
        """How many members hold data: those with an address for clients. An arbitrator has none, and counts in
        cluster_size all the same."""
        size, addresses = int(self.number("cluster_size")), self.last.get("wsrep_incoming_addresses")
        return size if addresses is None else min(size, sum(1 for one in addresses.split(",") if one.strip()))

    def arbitrators(self) -> int:
        """How many members only vote."""
        return int(self.number("cluster_size")) - self.data_nodes()


def _seconds(text: str) -> float:
    """How long it was between the samples; at least the pause itself."""
    try:
        return max(float(text), SAMPLE)
    except ValueError:
        return SAMPLE


def _session(text: str) -> Session:
    number, user, seconds, state, statement = (text.split("\t") + [""] * 5)[:5]
    return Session(
        number=int(number), user=user, seconds=float(seconds), state=state, statement=" ".join(statement.split())
    )


def parse_figures(code: int, text: str) -> Wsrep:
    """Both samples and the variables from the client's tab-separated lines."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    variables: dict[str, str] = {}
    words: list[str] = []
    sessions: list[Session] = []
    sampled, span = False, SAMPLE
    for line in text.splitlines():
        name, tab, value = line.partition("\t")
        if line.startswith(MARK):
            sampled, span = True, _seconds(line.removeprefix(MARK))
        elif not tab:
            words.append(line)
        elif name == SESSION:
            sessions.append(_session(value))
        elif name in _VARIABLES:
            variables[name] = value
        else:
            (last if sampled else first)[name] = value
    if not last:
        error = " ".join(words) or f"the client ended with code {code} and said nothing"
        return Wsrep(error=error, slow=code == TIMED_OUT)
    return Wsrep(first=first, last=last, variables=variables, span=span, sessions=tuple(sessions))


def parse_wsrep(said: Mapping[str, Any]) -> Wsrep | None:
    """From what host-facts said; None on a host that was not asked."""
    if "wsrep" not in said:
        return None
    transfer = said.get("transfer") or {}
    found = parse_figures(said["wsrep"]["code"], said["wsrep"]["text"])
    return replace(found, sst=transfer.get("role"), unanswered=tuple(transfer.get("unanswered", ())))
