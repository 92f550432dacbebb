"""A set of files that a step's own program brings into place."""

from __future__ import annotations

import sys

from apply_deliver import deliver, delivered, read_manifest
from mha_common import Failure, only_one


def take_files(name: str, *, recorded: bool) -> None:
    """Bring a set into place: the manifest on standard input, or the one that was delivered last."""
    with only_one("apply"):
        wanted = delivered(name) if recorded else read_manifest(sys.stdin)
        if wanted is None:
            raise Failure(f"the set {name} was never delivered here", todo="deliver it with pulumi up")
        deliver(name, wanted)
