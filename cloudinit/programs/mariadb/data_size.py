"""How large the data of a server is: what a whole copy of it needs on another host."""

from __future__ import annotations

import os
import re
import threading
import time
from pathlib import Path

from mha_common import at

#: Files that no state transfer carries: Galera's cache, temporary data, logs of changes.
LEFT_OUT = re.compile(r"galera\.cache|gcache\.page\.\d+|ibtmp\d+|ib_logfile\d+|#ib_redo\d+|(mariadb|relay)-bin\..*")
#: Seconds for which a size holds.
HOLDS = 300.0


def data_mib(datadir: str) -> int | None:
    """MiB that the files occupy; None where nothing could be read. Less than the truth rather than more."""
    blocks, seen = 0, False
    for folder, _, names in os.walk(at(datadir)):
        seen = True
        for name in names:
            if LEFT_OUT.fullmatch(name):
                continue
            try:
                blocks += Path(folder, name).lstat().st_blocks
            except OSError:  # it is gone again
                continue
    return blocks * 512 // 1024**2 if seen else None


class Size:
    """The size as a health agent tells it: a walk through all files, beside its looks and seldom."""

    def __init__(self, datadir: str) -> None:
        self.datadir = datadir
        self.mib: int | None = None
        self.walked = float("-inf")
        self.walk: threading.Thread | None = None

    def now(self) -> int | None:
        """What the last walk found, at once; a new one is begun where that is too old."""
        if time.monotonic() - self.walked > HOLDS and not (self.walk and self.walk.is_alive()):
            self.walked = time.monotonic()
            self.walk = threading.Thread(target=self.look, daemon=True)
            self.walk.start()
        return self.mib

    def look(self) -> None:
        self.mib = data_mib(self.datadir)
