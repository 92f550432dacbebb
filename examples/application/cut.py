"""What the pool's settings change: several clients write through a line that is cut, once for each way to set the pool.

`python3 cut.py [--seconds N] [--clients N]`; the database comes from DATABASE_URL and DATABASE_OPTIONS, as for
service.py. Clients connect to a proxy of this program's own, so the server itself is left alone; a table `cut_…` is
made and dropped.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from urllib.parse import urlsplit

import pymysql
from line import Line
from pool import Options, Pool, Unavailable

#: Pause of a client after its write, in seconds.
PAUSE = 0.02
WRITE = "INSERT IGNORE INTO {} (once) VALUES (%s)"


@dataclass
class Seen:
    """What all clients together saw."""

    acknowledged: list[str] = field(default_factory=list)
    failed: int = 0
    longest: float = 0.0
    missing: int = 0


def client(pool: Pool, table: str, seen: Seen, enough: threading.Event) -> None:
    """Writes one row after the other until it is enough. A row is its own key: sent twice, it is there once."""
    while not enough.is_set():
        once, began = str(uuid.uuid4()), time.monotonic()
        try:
            pool.run(WRITE.format(table), (once,))
            seen.acknowledged.append(once)
        except (Unavailable, pymysql.MySQLError, OSError):
            seen.failed += 1
        seen.longest = max(seen.longest, time.monotonic() - began)
        time.sleep(PAUSE)


@contextmanager
def table_of(pool: Pool) -> Iterator[str]:
    """A table for one round."""
    name = f"cut_{uuid.uuid4().hex}"
    pool.run(f"CREATE TABLE {name} (once CHAR(36) PRIMARY KEY)")
    try:
        yield name
    finally:
        pool.run(f"DROP TABLE {name}")


def round_of(url: str, options: Options, *, size: int, clients: int, how: str, seconds: float) -> Seen:
    """One cut of so many seconds with one way to set the pool."""
    found = urlsplit(url)
    seen, enough, direct = Seen(), threading.Event(), Pool(url, options, size=1)
    with Line(found.hostname or "", found.port or 3306) as line, table_of(direct) as table:
        user = found.netloc.rpartition("@")[0]
        pool = Pool(found._replace(netloc=f"{user}@127.0.0.1:{line.port}").geturl(), options, size=size)
        threads = [threading.Thread(target=client, args=(pool, table, seen, enough)) for _ in range(clients)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        line.cut(how)
        time.sleep(seconds)
        line.mend()
        time.sleep(1 + options.answer)
        enough.set()
        for thread in threads:
            thread.join()
        pool.forget()
        there = {row[0] for row in direct.run(f"SELECT once FROM {table}")}  # noqa: S608
        seen.missing = len(set(seen.acknowledged) - there)
    direct.forget()
    return seen


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=3.0, help="how long the line is cut")
    words.add_argument("--clients", type=int, default=8, help="how many write at once")
    asked = words.parse_args()
    advised = Options.of(json.loads(os.environ["DATABASE_OPTIONS"]))
    print("| the line | patience | kept sessions | asked first | acknowledged | failed | longest wait | missing |")
    print("|---|---|---|---|---|---|---|---|")
    for how, patience, size, ping in product(("refuses", "is silent"), (advised.patience, 0.0), (1, 5), (True, False)):
        options = dataclasses.replace(advised, patience=patience, ping=ping)
        seen = round_of(
            os.environ["DATABASE_URL"], options, size=size, clients=asked.clients, how=how, seconds=asked.seconds
        )
        set_to = f"{patience:g} s | {size} | {'yes' if ping else 'no'}"
        counted = f"{len(seen.acknowledged)} | {seen.failed} | {seen.longest:.1f} s | {seen.missing}"
        print(f"| {how} | {set_to} | {counted} |", flush=True)


if __name__ == "__main__":
    main()
