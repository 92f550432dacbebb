"""What a change of the component does to those who use it (docs/changes.md)."""

from __future__ import annotations

from ops.component import Notice

NOTICES = {"balancer": Notice(words="haproxy and keepalived are reloaded")}
