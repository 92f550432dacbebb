"""What secrets are derived for: the names that `secret_generations` knows."""

from __future__ import annotations

PURPOSES = ("admin-ssh-key", "ssh-host-key", "root-password", "sst-password", "vrrp-auth-pass", "account-password")

#: Those whose generation cannot be raised on a living stack yet: each needs every host to know the new one before the old one is gone.
FIXED = ("admin-ssh-key", "ssh-host-key", "sst-password")
