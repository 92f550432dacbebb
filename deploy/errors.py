"""What a user reads instead of a traceback."""

from __future__ import annotations


class DeployError(Exception):
    """A stage failed. The text says which host or key, what is wrong, what follows, and what to do."""
