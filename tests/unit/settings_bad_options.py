"""Bad options of MariaDB and of Galera's provider: as in `settings_bad`."""

from __future__ import annotations

from typing import Any

Case = tuple[dict[str, Any], str, tuple[str, ...]]


def _server(option: str, value: object) -> dict[str, Any]:
    return {"galera.server_options": {option: value}}


def _provider(option: str, value: object) -> dict[str, Any]:
    return {"galera.wsrep_provider_options": {option: value}}


_SERVER, _PROVIDER = "galera.server_options", "galera.wsrep_provider_options"

OPTIONS: dict[str, Case] = {
    "an option with a setting": (
        _server("max_connections", 500),
        f"{_SERVER}.max_connections",
        ("galera.max_connections",),
    ),
    "in another spelling": (
        _server("loose-Max-Connections", 500),
        f"{_SERVER}.loose-Max-Connections",
        ("galera.max_connections",),
    ),
    "buffer pool by its own name": (
        _server("innodb_buffer_pool_size", "1G"),
        f"{_SERVER}.innodb_buffer_pool_size",
        ("innodb_buffer_pool_size_mib",),
    ),
    "redo log by its own name": (
        _server("innodb-log-file-size", "1G"),
        f"{_SERVER}.innodb-log-file-size",
        ("innodb_log_file_size_mib",),
    ),
    "an option of safety": (
        _server("wsrep_on", False),
        f"{_SERVER}.wsrep_on",
        ("sets wsrep_on itself", "Take it away"),
    ),
    "the provider's line": (
        _server("wsrep_provider_options", "gcache.size=1G"),
        f"{_SERVER}.wsrep_provider_options",
        ("galera.wsrep_provider_options",),
    ),
    "no network": (_server("skip_networking", True), f"{_SERVER}.skip_networking", ("rely on",)),
    "another socket": (_server("socket", "/tmp/x"), f"{_SERVER}.socket", ("would not reach",)),
    "no name": (_server("max connections", 5), f"{_SERVER}.max connections", ("no name of an option",)),
    "a second line": (_server("sql_mode", "ANSI\nwsrep_on=0"), f"{_SERVER}.sql_mode", ("one line",)),
    "twice": (
        {"galera.server_options": {"sql_mode": "ANSI", "sql-mode": "ANSI"}},
        f"{_SERVER}.sql-mode",
        ("another spelling",),
    ),
    "a list": (_server("sql_mode", ["ANSI"]), f"{_SERVER}.sql_mode", ("a list", "a number")),
    "provider option with a setting": (
        _provider("gcache.size", "1G"),
        f"{_PROVIDER}.gcache.size",
        ("galera.gcache_size_mib",),
    ),
    "provider option of a timer": (
        _provider("evs.suspect_timeout", "PT9S"),
        f"{_PROVIDER}.evs.suspect_timeout",
        ("timers.suspect_timeout",),
    ),
    "provider option without a setting": (
        _provider("pc.recovery", False),
        f"{_PROVIDER}.pc.recovery",
        ("no setting changes it",),
    ),
    "split brain allowed": (_provider("pc.ignore_sb", True), f"{_PROVIDER}.pc.ignore_sb", ("Both halves",)),
    "the state in another folder": (_provider("base_dir", "/srv"), f"{_PROVIDER}.base_dir", ("position",)),
    "two provider options in one": (
        _provider("gcs.fc_limit", "16; pc.ignore_sb=yes"),
        f"{_PROVIDER}.gcs.fc_limit",
        ("without them",),
    ),
    "no provider option": (_provider("GCS fc", 1), f"{_PROVIDER}.GCS fc", ("whole line",)),
}
