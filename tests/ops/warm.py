"""A process for hactl that begins with what it imports of others: most of the second that Python needs to begin with
them is spent once (multiprocessing's fork server), not at each of the tests' runs.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess

#: Nothing of `ops`: its root is another one in each run, and is taken up as it is imported.
IMPORTED = ["cryptography.x509", "jinja2", "plan", "pydantic", "pymysql", "rich.table", "typer.rich_utils", "yaml"]
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__, *IMPORTED])


def run(project: Path, arguments: Sequence[str], env: Mapping[str, str], *, first: str = "") -> CompletedProcess[str]:
    """hactl with `project` for the place of its checkout; `first`: Python that runs before."""
    with tempfile.TemporaryDirectory() as place:
        said = Path(place, "stdout"), Path(place, "stderr")
        process = CONTEXT.Process(target=_hactl, args=(project, [*arguments], dict(env), said, first))
        process.start()
        process.join()
        code = process.exitcode
        assert code is not None
        return CompletedProcess(["hactl", *arguments], code, *(file.read_text() for file in said))


def _hactl(project: Path, arguments: list[str], env: dict[str, str], said: tuple[Path, Path], first: str) -> None:
    os.environ.clear()
    os.environ.update(env)
    os.chdir(project)
    for number, file in enumerate((Path(os.devnull), *said)):
        os.dup2(os.open(file, os.O_RDWR | os.O_CREAT), number)
    # What the process began with was the fork server's.
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode, closefd=False) for number, mode in enumerate("rww"))
    sys.argv = ["hactl", *arguments]
    sys.orig_argv = [sys.executable, "-P", "-m", "ops", *arguments]
    import ops.paths

    ops.paths.ROOT = project
    exec(first, {})  # noqa: S102  a test's own words
    from ops.cli import main

    main()
