"""The kind `replicas`: MariaDB servers that follow a pair and take reads."""
