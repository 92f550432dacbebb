"""What a MariaDB replica says of its replication (mariadb.com/kb: SHOW REPLICA STATUS)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mha_sql import SqlError

if TYPE_CHECKING:
    import pymysql

REPLICAS = "SHOW ALL SLAVES STATUS"


def rows(connection: pymysql.connections.Connection[Any], sql: str) -> list[dict[str, Any]]:
    """Rows by column name. Raises SqlError."""
    import pymysql
    from mha_sql import words

    try:
        with connection.cursor(pymysql.cursors.DictCursor) as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())
    except (pymysql.MySQLError, OSError) as error:
        raise SqlError(words(error)) from None


def trouble_of(replica: dict[str, Any]) -> str:
    """What has stopped a replica's threads for good."""
    for kind in ("SQL", "IO"):
        number = int(replica[f"Last_{kind}_Errno"] or 0)
        # The IO thread goes on trying where it only has no connection.
        if number and replica[f"Slave_{kind}_Running"] == "No":
            return f"error {number}: {' '.join(str(replica[f'Last_{kind}_Error']).split())}"
    if replica["Slave_SQL_Running"] == "No":
        return "it was stopped by hand (STOP SLAVE)"
    return ""


def is_applied(replica: dict[str, Any]) -> bool:
    """All that was received is applied."""
    idle = str(replica.get("Slave_SQL_Running_State") or "").startswith("Slave has read all relay log")
    same = (replica["Master_Log_File"], replica["Read_Master_Log_Pos"]) == (
        replica["Relay_Master_Log_File"],
        replica["Exec_Master_Log_Pos"],
    )
    return idle or same
