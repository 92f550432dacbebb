"""What secrets are derived for: the names that `secret_generations` knows."""

from __future__ import annotations

PURPOSES = ("admin-ssh-key", "ssh-host-key", "root-password", "sst-password", "vrrp-auth-pass", "account-password")
