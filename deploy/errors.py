"""What a user reads instead of a traceback."""

from __future__ import annotations


class DeployError(Exception):
    """A stage failed. The text says which host or key, what is wrong, what follows, and what to do."""


class PassingError(DeployError):
    """The same for what is known to pass by itself: running again at once is the whole remedy."""
