"""max_connections and the unit's LimitNOFILE: MariaDB lowers the first to what the second allows."""

from __future__ import annotations

from typing import Any

import pytest

from plan import make_plan
from settings.parts.server import ServerSection
from tests.conftest import make_context

DROPIN = "/etc/systemd/system/mariadb.service.d/mariadb-ha.conf"


def limit(**galera: Any) -> int | None:
    """LimitNOFILE as delivered; None where Debian's stays."""
    files = make_plan(make_context({"galera": galera})).hosts["mdb2"].files
    (text,) = (file.content for file in files if file.path == DROPIN)
    found = [line for line in text.splitlines() if line.startswith("LimitNOFILE=")]
    return int(found[0].partition("=")[2]) if found else None


@pytest.mark.parametrize(
    ("galera", "expected"),
    [
        ({}, None),
        ({"server_options": {"table_open_cache": 4000}}, 64_300),
        ({"server_options": {"table-open-cache": 524_288}}, 1_000_000),
    ],
)
def test_the_unit_may_open_what_the_server_needs(galera: dict[str, Any], expected: int | None) -> None:
    assert limit(**galera) == expected


@pytest.mark.parametrize(
    ("connections", "tables", "expected"),
    [(668, 2000, 32_768), (700, 2000, 32_800), (10_000, 2000, 50_000), (10_000, 100, 50_000)],
)
def test_it_follows_max_connections(connections: int, tables: int, expected: int) -> None:
    """A socket for each connection beside the cache of open tables, or five files for each."""
    options = {"table_open_cache": tables}
    server = ServerSection.model_construct(max_connections=connections, server_options=options)
    assert server.open_files == expected
