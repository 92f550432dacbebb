"""Privileges of MariaDB 10.11 (mariadb.com/kb: GRANT), as far as an application's account may have them."""

from __future__ import annotations

#: What can be granted on one database.
DATABASE = (
    "ALL PRIVILEGES", "ALL", "ALTER", "ALTER ROUTINE", "CREATE", "CREATE ROUTINE", "CREATE TEMPORARY TABLES",
    "CREATE VIEW", "DELETE", "DELETE HISTORY",
    "DROP", "EVENT", "EXECUTE", "INDEX", "INSERT", "LOCK TABLES", "REFERENCES", "SELECT", "SHOW VIEW", "TRIGGER",
    "UPDATE",
)  # fmt: skip

#: What reaches beyond it, and what somebody could do with it.
BEYOND = {
    "GRANT OPTION": "hand its rights on to accounts that the stack does not know of",
    "SUPER": "write to a node that is read-only and stop replication",
    "READ_ONLY ADMIN": "write to a node that is read-only",
    "READ ONLY ADMIN": "write to a node that is read-only",
    "FILE": "read and write files of the server",
    "PROCESS": "read other accounts' statements",
    "RELOAD": "flush tables and logs of the whole server",
    "SHUTDOWN": "stop the node",
    "CREATE USER": "make accounts of its own",
    "SHOW DATABASES": "see the names of all databases",
    "CREATE TABLESPACE": "place files on the server",
    "REPLICATION SLAVE": "read every change of every database",
    "REPLICATION CLIENT": "watch the binary log",
    "REPLICATION SLAVE ADMIN": "start and stop replication",
    "REPLICATION MASTER ADMIN": "watch and change replication",
    "REPLICATION REPLICA": "read every change of every database",
    "SLAVE MONITOR": "watch replication",
    "REPLICA MONITOR": "watch replication",
    "BINLOG ADMIN": "purge the binary log",
    "BINLOG MONITOR": "watch the binary log",
    "BINLOG REPLAY": "write what was never executed here",
    "CONNECTION ADMIN": "end other accounts' sessions and use the connection kept for administrators",
    "FEDERATED ADMIN": "make links to other servers",
    "SET USER": "run code in other accounts' names",
    "PROXY": "act as another account",
}
