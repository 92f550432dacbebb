"""What secrets are derived for: the names that `secret_generations` knows."""

from __future__ import annotations

from settings.kinds import KINDS

#: Purposes of every stack; True where the generation can be raised on a living stack: the others need every host to
#: know the new secret before the old one is gone.
SHARED = {"admin-ssh-key": False, "ssh-host-key": False, "account-password": True}


def purposes() -> dict[str, bool]:
    """All purposes, those of the kinds too; True where the generation can be raised on a living stack."""
    return SHARED | {purpose: rotates for model in KINDS.values() for purpose, rotates in model.purposes.items()}
