"""What host-facts asks a server that replicates, with MariaDB's own client."""

from __future__ import annotations

from collections.abc import Sequence

SQL = (
    "SELECT @@GLOBAL.read_only, @@GLOBAL.gtid_binlog_state, @@version; SHOW ALL SLAVES STATUS\\G SHOW GLOBAL"
    " STATUS LIKE 'Rpl_semi_sync%'"
)
COMMAND: Sequence[str] = ("mariadb", "--connect-timeout=30", "--batch", "-e", SQL)
