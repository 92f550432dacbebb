"""Where hosts get their packages from."""

from __future__ import annotations

from pydantic import Field

from settings.base import Settings


class Packages(Settings):
    """Debian packages of the roles; what is already installed is left as it is."""

    apt_sources: tuple[str, ...] = Field(
        default=(),
        description=(
            "Lines of sources.list(5) for a mirror of your own, e.g. `deb http://mirror.example/debian bookworm "
            "main`. Empty: the image's own sources."
        ),
    )
