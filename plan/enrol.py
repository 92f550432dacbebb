"""The first words to a bare-metal host: a POSIX shell script, run as root over SSH,
after which files can be delivered.
"""

from __future__ import annotations

import re

from plan.base import HOST
from plan.programs import program_files
from plan.render import LIB, render

#: Ends each file in the script; no program has it as a line.
END = "MARIADB-HA-END-OF-FILE"
#: What stands in quotes in a script and in JSON as it is.
NAME = re.compile(r"[A-Za-z0-9._-]+")


def enrol_script(stack: str, host: str, *, apt_sources: tuple[str, ...] = ()) -> str:
    """The script's text, the same for the same plan. It holds no secret.

    Its last line on standard output is `<machine-id> ssh-ed25519 <key>`; all other words go to standard error. It can
    be run again and be killed at any point; it refuses a machine that is another host or belongs to another stack.

    Args:
        stack: the stack's name.
        host: the host's name in it.
        apt_sources: `packages.apt_sources` of the settings, used when Python or sudo is missing.

    Raises:
        ValueError: a name or a source that cannot stand in a script; settings refuse these before.
    """
    for name in (stack, host):
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot be the name of a stack or a host")
    # Modules first: a program that is there finds what it imports, also when the script is cut short.
    files = sorted(program_files(HOST), key=lambda file: (not file.path.endswith(".py"), file.path))
    if any(
        not text.endswith("\n") or END in text.splitlines()
        for text in (*(file.content for file in files), *(f"{line}\n" for line in apt_sources))
    ):
        raise ValueError(f"a file does not end with a line end, or has the line {END}")
    return render("host/enrol.sh.j2", stack=stack, host=host, lib=LIB, programs=files, apt_sources=apt_sources, end=END)
