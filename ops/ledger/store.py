"""The drill's own database: made before, read on every node afterwards, dropped at the end. Through each node's unix
socket, as root."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from functools import partial

from ops.component import Component, LedgerNodes
from ops.components import components_of
from ops.errors import Exit, OpsError
from ops.hosts.shell import Answer, Shell, on_all
from ops.inventory import Endpoint
from ops.ledger.sessions import Target

DATABASE = "hactl_drill"
PREFIX = "hactl_drill_"
# A session whose client gave up on it may idle on for hours: its last packets went to a director that had forgotten it.
_WRITING = r"SELECT COUNT(*) FROM information_schema.processlist WHERE USER LIKE 'hactl\_drill\_%' AND TIME < 5;"
_KILLS = r"SELECT CONCAT('KILL ', ID, ';') FROM information_schema.processlist WHERE USER LIKE 'hactl\_drill\_%';"
_ACCOUNTS = r"SELECT CONCAT('\'', User, '\'@\'', Host, '\'') FROM mysql.user WHERE User LIKE 'hactl\_drill\_%';"
_COUNT = "SELECT COUNT(*) FROM hactl_drill.ledger;"
_CONTENTS = "CHECKSUM TABLE hactl_drill.ledger; SELECT id, n, client FROM hactl_drill.ledger ORDER BY id;"

#: Patience for a statement, in seconds.
PATIENCE = 300.0


def _client(sql: str, then: str = "") -> str:
    # The heredoc is quoted: the shell leaves the statements alone.
    return (
        f"timeout {PATIENCE - 10:.0f} mariadb --connect-timeout=60 --batch --skip-column-names <<'HACTL'"
        f" {then}\n{sql}\nHACTL\n"
    )


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What one node holds of the ledger; `numbers` None: it keeps none, and is compared by what it answers."""

    numbers: tuple[int, ...] | None
    checksum: str
    digest: str


def ledger_nodes(component: Component) -> LedgerNodes:
    """Where a ledger can be read that is written through a component: on servers that follow it, too.

    Raises:
        OpsError: nowhere.
    """
    found = component.ledger_nodes()
    if found is None:
        words = f"what is written through the component {component.name} can be read on no host"
        raise OpsError(words, "drill a component that has a database server behind it", Exit.REFUSED)
    root = component
    while root.behind is not None:
        root = root.behind
    followers = [one for one in components_of(component.inventory).values() if one.entry.follows == root.name]
    more = [node for one in followers if (nodes := one.ledger_nodes()) for node in nodes.nodes]
    return replace(found, nodes=tuple(dict.fromkeys((*found.nodes, *more))))


class Store:
    """The temporary database and account."""

    noun, verb = "write", "write"

    def __init__(self, where: LedgerNodes, shell: Shell) -> None:
        self.nodes = list(where.nodes)
        self.applied, self.guard, self.one_copy = where.applied, where.guard, where.one_copy
        self.shell = shell
        self.silent: set[str] = set()
        self.user = PREFIX + secrets.token_hex(4)
        self.password = secrets.token_urlsafe(24)

    def target(self, endpoint: Endpoint) -> Target:
        """See `Books.target`."""
        return Target(endpoint=endpoint, user=self.user, password=self.password, database=DATABASE)

    @property
    def by_hand(self) -> str:
        """See `Books.by_hand`."""
        return f"DROP DATABASE {DATABASE}; DROP USER '{self.user}'"

    def _on(self, host: str, sql: str) -> Answer:
        return self.shell.run(host, _client(sql), timeout=PATIENCE)

    def refuse_another_drill(self) -> None:
        """Raises OpsError when another drill is writing now."""
        asked = on_all(self.nodes, partial(self._on, sql=_WRITING))
        busy = [host for host, answer in asked.items() if answer.good and answer.out.strip() not in ("", "0")]
        if busy:
            words = f"another drill is writing (its account is logged in on {', '.join(busy)})"
            raise OpsError(words, "wait until it has ended, then try again", Exit.REFUSED)

    def create(self) -> None:
        """Sweeps what a killed drill left, then makes database, ledger and account.

        Raises:
            OpsError: MariaDB refused.
        """
        self.drop()
        sql = f"""
CREATE DATABASE {DATABASE};
CREATE TABLE {DATABASE}.ledger (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, n BIGINT UNSIGNED NOT NULL, client VARCHAR(16) NOT NULL
) ENGINE=InnoDB;
CREATE USER '{self.user}'@'%' IDENTIFIED BY '{self.password}';
GRANT SELECT, INSERT ON {DATABASE}.* TO '{self.user}'@'%';"""
        self._somewhere(sql, "the drill's database cannot be made")
        # Clients may be sent to any node at once: each has to have applied it. One that is down is not waited for.
        on_all(
            [host for host in self.nodes if host not in self.silent], partial(self._on, sql=f"{self.applied} {_COUNT}")
        )

    def drop(self) -> None:
        """Removes database and accounts of drills, this one's and forgotten ones.

        Raises:
            OpsError: no node did it.
        """
        listed = self._somewhere(_ACCOUNTS, "accounts cannot be listed")
        users = [line.strip() for line in listed.splitlines() if line.strip()]
        drops = "".join(f"DROP USER IF EXISTS {user};\n" for user in users)
        if users:
            self._somewhere(drops, "the drill's accounts cannot be dropped")
            kill = _client(_KILLS, "| mariadb --force 2>/dev/null")
            on_all(self.nodes, lambda host: self.shell.run(host, kill, timeout=PATIENCE))
        self._somewhere(f"DROP DATABASE IF EXISTS {DATABASE};", "the drill's database cannot be dropped")

    def _somewhere(self, sql: str, otherwise: str) -> str:
        reasons = []
        for host in list(self.nodes):
            answer = self._on(host, f"{self.guard}{sql}")
            if answer.good:
                # Asked first from now on: a node that is down costs its patience once.
                self.nodes = [host, *(other for other in self.nodes if other != host)]
                return answer.out
            if not answer.reached:
                self.silent.add(host)
            reasons.append(f"{host}: {answer.error.strip() or f'code {answer.code}'}")
        raise OpsError(f"{otherwise} ({'; '.join(reasons)})", "see `hactl status`, then try again", Exit.UNHEALTHY)

    def read(self) -> dict[str, Contents | None]:
        """The ledger on every node, after the node has applied all that was committed before. None: the node did not
        answer. Of one copy that nodes take turns with: on the node that has it."""
        asked = on_all(self.nodes, partial(self._on, sql=f"{self.applied} {_CONTENTS}"))
        contents = {host: parse_contents(answer) for host, answer in asked.items()}
        answered = {host: held for host, held in contents.items() if held is not None}
        return dict(answered) if self.one_copy and answered else contents


def parse_contents(answer: Answer) -> Contents | None:
    """From the client's lines: the table's checksum, then `id, n, client`."""
    lines = answer.out.splitlines()
    if not answer.good or not lines:
        return None
    rows = lines[1:]
    return Contents(
        numbers=tuple(int(row.split("\t")[1]) for row in rows),
        checksum=lines[0].rpartition("\t")[2],
        digest=hashlib.sha256("\n".join(rows).encode()).hexdigest(),
    )
