"""The kind `directors`: settings and rules."""
