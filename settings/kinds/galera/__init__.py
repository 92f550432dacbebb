"""The kind `galera`: settings and rules."""
