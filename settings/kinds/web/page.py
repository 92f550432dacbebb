"""The page that a web pair shows: the user's text, the user's file, or a word of welcome."""

from __future__ import annotations

from pathlib import Path

from settings.kinds.web.model import WELCOME, Web
from settings.project import project_folder

#: Bytes.
LONGEST = 1_000_000


def page_text(web: Web, root: Path | None = None) -> str:
    """The text of the page; a file's name is read against `root`, the project's folder.

    Raises:
        ValueError: the file cannot be used; the words say why, and nothing of its content.
    """
    if web.page is not None:
        return web.page
    if web.page_file is None:
        return WELCOME
    try:
        content = ((root or project_folder()) / web.page_file).read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    if len(content) > LONGEST:
        raise ValueError(f"has {len(content)} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
