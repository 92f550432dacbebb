"""Transactions that only this server has, where neither can follow the other: saved as a file, with their tables.

The file is what mariadb-binlog(1) prints: it can be read (`-v`), and piped into a client where it is to be kept.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

import gtid
from agent_http import agent_port, http_get
from master_state import Config
from mha_common import Failure, at, must, run, say
from mha_files import read_object, write_atomically
from mha_sql import SqlError, connect, query

FOLDER = "/var/lib/mariadb-ha/surplus"
#: What was saved last, for hactl.
SUMMARY = f"{FOLDER}/summary.json"
#: Keys of a table and statements that are named, at most.
SHOWN = 10
PRIMARY = (
    "SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME), ORDINAL_POSITION FROM information_schema.COLUMNS"
    " WHERE COLUMN_KEY = 'PRI'"
)
_ROW = re.compile(r"^### (INSERT INTO|UPDATE|DELETE FROM) `((?:[^`]|``)+)`\.`((?:[^`]|``)+)`")
_VALUE = re.compile(r"^###   @(\d+)=(.*)$")
_NOISE = re.compile(
    r"^(#|/\*|SET |BEGIN|COMMIT|ROLLBACK|START TRANSACTION|DELIMITER|use |BINLOG|ERROR|WARNING|$)", re.IGNORECASE
)


def summarise(lines: Iterable[str], primary: Mapping[str, set[int]]) -> dict[str, Any]:
    """Tables with the keys of their changed rows, and statements, from mariadb-binlog's decoded output.

    `primary`: by table the numbers of the columns of its primary key.
    """
    tables: dict[str, dict[str, Any]] = {}
    statements: list[str] = []
    key: list[str] = []
    transactions, table, whole = 0, "", False
    for raw in lines:
        line = raw.rstrip("\n")
        if found := _ROW.match(line):
            table = f"{found[2]}.{found[3]}"
            one = tables.setdefault(table, {"rows": 0, "keys": []})
            one["rows"] += 1
            key, whole = [], False
        elif (found := _VALUE.match(line)) and table:
            # An UPDATE shows the row twice; the first time it is what it was.
            if not whole and int(found[1]) in primary.get(table, ()):
                key.append(found[2].strip())
                if len(key) == len(primary[table]):
                    whole = True
                    words = ",".join(key)
                    if len(tables[table]["keys"]) < SHOWN and words not in tables[table]["keys"]:
                        tables[table]["keys"].append(words)
        elif re.match(r"^#\d{6} .*\tGTID ", line):
            transactions += 1
        elif not _NOISE.match(line) and len(statements) < SHOWN:
            statements.append(line[:200])
    return {"tables": tables, "statements": statements, "transactions": transactions}


def peer_state(config: Config) -> dict[tuple[int, int], int]:
    """What the other server has, as its health agent says. Raises Failure."""
    try:
        status, body = http_get(config.peer_address, agent_port(), "/state", timeout=5)
        text = json.loads(body)["gtid_binlog_state"] if status == 200 else None
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise Failure(f"the health agent of {config.peer} does not answer: {error}", todo="run again") from None
    if text is None:
        raise Failure(f"MariaDB on {config.peer} does not answer", todo="run again once it does")
    return gtid.parse(text)


def logs_since(connection: Any, start: Mapping[tuple[int, int], int]) -> list[str]:
    """Binary logs from the one that the position `start` lies in. Raises SqlError."""
    names = [str(row[0]) for row in query(connection, "SHOW BINARY LOGS")]
    wanted: list[str] = []
    for name in reversed(names):
        wanted.insert(0, name)
        ((text,),) = query(connection, "SELECT BINLOG_GTID_POS(%s, 4)", (name,))
        begins = {domain: number for (domain, _), number in gtid.parse(str(text or "")).items()}
        if start and all(begins.get(domain, 0) <= number for (domain, _), number in start.items()):
            break
    return wanted


def save(config: Config) -> dict[str, Any]:
    """Find and save them; the summary, empty where there are none. What is saved already is left. Raises Failure."""
    try:
        connection = connect(timeout=60)
        ((text,),) = query(connection, "SELECT @@GLOBAL.gtid_binlog_state")
        mine, theirs = gtid.parse(str(text or "")), peer_state(config)
        if not gtid.diverged(mine, theirs):
            return {}
        only, start = gtid.lacking(theirs, mine), gtid.common(mine, theirs)
        kept = read_object(SUMMARY)
        if kept.get("gtid") == gtid.words(only) and at(str(kept.get("file"))).exists():
            return kept
        logs = [f"{config.datadir}/{name}" for name in logs_since(connection, start)]
        primary: dict[str, set[int]] = {}
        for table, number in query(connection, PRIMARY):
            primary.setdefault(str(table), set()).add(int(number))
    except SqlError as error:
        raise Failure(f"MariaDB does not answer: {error}", todo="`journalctl -u mariadb`") from None
    begin = [f"--start-position={gtid.words(start)}"] if start else []
    decoded = must(["mariadb-binlog", "--base64-output=decode-rows", "--verbose", *begin, *logs])
    events = must(["mariadb-binlog", "--verbose", *begin, *logs])
    file = f"{FOLDER}/{gtid.words(only).replace(',', '_')}.sql"
    at(FOLDER).mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(at(file), events, mode=0o600)
    summary = {
        "gtid": gtid.words(only),
        "after": gtid.words(start),
        "peer": config.peer,
        "file": file,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        **summarise(decoded.splitlines(), primary),
    }
    write_atomically(at(SUMMARY), json.dumps(summary) + "\n", mode=0o600)
    say(
        f"transactions that only this server has, {summary['gtid']} after {summary['after'] or 'the beginning'}: {file}"
    )
    return summary


def save_if_there(config: Config) -> dict[str, Any]:
    """The same, where a failure is only said."""
    try:
        return save(config)
    except Failure as failure:
        say(f"what only this server has could not be saved: {failure.what}")
        return {}


def start_saving() -> None:
    """From a program that has no time for it."""
    run(["systemctl", "start", "--no-block", "mariadb-ha-surplus.service"], timeout=10)
