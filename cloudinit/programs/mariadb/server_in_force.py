"""Whether the running server has read its configuration as it lies there now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import PurePath

from apply_files import Entry
from mha_common import at

IN_FORCE = "/run/mariadb-ha/mariadb.sha256"
CNF_FOLDER = "/etc/mysql/mariadb.conf.d"
READ_AT_START = "7[012]-mariadb-ha*.cnf"


def in_force(wanted: Mapping[str, Entry] | None = None, gone: Iterable[str] = ()) -> bool:
    """Whether the running server has read the files as they are, or would be with `wanted` delivered and `gone`
    removed.

    Their digests are compared with those that its start wrote down.
    """
    try:
        lines = at(IN_FORCE).read_text().splitlines()
    except OSError:
        return False
    read = {path: digest for digest, _, path in (line.partition("  ") for line in lines)}
    texts = {f"{CNF_FOLDER}/{file.name}": file.read_bytes() for file in at(CNF_FOLDER).glob(READ_AT_START)}
    texts |= {
        path: entry.content.encode()
        for path, entry in (wanted or {}).items()
        if PurePath(path).match(f"{CNF_FOLDER}/{READ_AT_START}")
    }
    return read == {path: hashlib.sha256(text).hexdigest() for path, text in texts.items() if path not in gone}
