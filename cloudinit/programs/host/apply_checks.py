"""Let the programs that read the files judge them before they are in force.

The checkers see the new files at their real paths: they run in a mount namespace (unshare(1)) of their own in which the
new files, staged in /run (memory, 0700), are bound over the old ones. Nothing outside sees them.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from apply_files import Entry
from mha_common import Failure, at, run

STAGE = "/run/mariadb-ha/apply"
PROGRAMS = "/usr/local/lib/mariadb-ha"
SEEN = ("/etc/", "/usr/local/")  # what checkers look at; data directories are never copied


def check_all(new: dict[str, Entry]) -> None:
    """Run every checker that the new files name. Raises Failure with the checker's words."""
    names = {entry.check for entry in new.values() if entry.check}
    if not names:
        return
    hidden = secrets_in(new)
    with staged(new) as binds:
        for name in sorted(names):
            paths = [entry.path for entry in new.values() if entry.check == name]
            for command in (*commands(name, paths), *more_judges(name)):
                judge(name, paths, command, binds, hidden)


def commands(name: str, paths: Sequence[str]) -> list[list[str]]:
    """The checker's command lines; whole configurations are read once, units and sudoers file by file."""
    if name == "keepalived":
        return [["keepalived", "-t", "-f", str(at("/etc/keepalived/keepalived.conf"))]]
    if name == "nft":
        return [["nft", "-c", "-f", str(at("/etc/nftables.conf"))]]
    if name == "mariadbd":
        return [["mariadbd", f"--defaults-file={at('/etc/mysql/my.cnf')}", "--user=mysql", "--help", "--verbose"]]
    if name == "nginx":
        return [["nginx", "-t", "-q", "-c", str(at("/etc/nginx/nginx.conf"))]]
    if name == "haproxy":
        return [["haproxy", "-c", "-q", "-f", str(at("/etc/haproxy/haproxy.cfg")), *more_of_haproxy()]]
    if name == "drbd":
        return [["drbdadm", "--config-file", str(at("/etc/drbd.conf")), "dump", "all"]]
    if name == "sshd":
        return [["sshd", "-t"]]
    if name == "visudo":
        return [["visudo", "-c", "-f", str(at(path))] for path in paths]
    units = sorted(
        {
            Path(path).parent.name.removesuffix(".d") if Path(path).parent.name.endswith(".d") else str(at(path))
            for path in paths
        }
    )
    return [["systemd-analyze", "verify", "--man=no", *units]]


def more_judges(name: str) -> list[list[str]]:
    """Programs of roles that judge beside a checker: `accepts-CHECKER-WHAT` among the stack's own."""
    return [[str(file)] for file in sorted(at(PROGRAMS).glob(f"accepts-{name}-*"))]


def more_of_haproxy() -> list[str]:
    """Our other files of its configuration, as words of its command line."""
    return [word for file in sorted(at("/etc/haproxy").glob("mariadb-ha-*.cfg")) for word in ("-f", str(file))]


@contextmanager
def staged(new: dict[str, Entry]) -> Iterator[list[tuple[Path, Path]]]:
    """Stage the files; what to bind over what. A folder that gets a file it did not have is staged whole."""
    stage = at(STAGE)
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True, mode=0o700)
    stage.chmod(0o700)
    try:
        seen = {at(path): entry for path, entry in new.items() if path.startswith(SEEN)}
        binds: dict[Path, Path] = {}
        for folder in sorted({file.parent for file in seen if not file.exists()}):
            if any(folder.is_relative_to(target) for target in binds.values()):
                continue  # part of a copy already
            folder.mkdir(parents=True, exist_ok=True)
            copy = stage / f"folder-{len(binds)}"
            shutil.copytree(folder, copy, symlinks=True)
            binds[copy] = folder
        for number, (file, entry) in enumerate(seen.items()):
            inside = [
                source / file.relative_to(target) for source, target in binds.items() if file.is_relative_to(target)
            ]
            copy = inside[0] if inside else stage / f"file-{number}"
            if not inside:
                binds[copy] = file
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.unlink(missing_ok=True)  # a symbolic link would lead the new text to the real file
            copy.write_text(entry.content)
            os.chown(copy, entry.uid, entry.gid)
            copy.chmod(entry.mode)
        yield list(binds.items())
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def judge(
    name: str, paths: Sequence[str], command: Sequence[str], binds: Sequence[tuple[Path, Path]], hidden: set[str]
) -> None:
    """Run one checker. Its words are shown without the `hidden` ones."""
    steps = [f"mount --bind {shlex.quote(str(source))} {shlex.quote(str(target))}" for source, target in binds]
    # mariadbd's standard output is every variable with its value, passwords too.
    quiet = " >/dev/null" if name == "mariadbd" else ""
    script = " && ".join([*steps, f"exec {shlex.join(command)}{quiet}"])
    done = run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script], timeout=120)
    if done.returncode == 127:
        raise Failure(
            f"{', '.join(paths)} cannot be checked: {done.stderr.strip()}",
            todo="install the packages first: run `provision`",
        )
    # InnoDB's options are a plugin's: mariadbd says that it refuses them, and ends with 0.
    refused = done.returncode or (name == "mariadbd" and "[ERROR]" in done.stderr)
    if refused:
        words = " / ".join([line for line in (done.stderr + done.stdout).splitlines() if line.strip()][-15:])
        for secret in hidden:
            words = words.replace(secret, "…")
        raise Failure(
            f"{', '.join(paths)}: refused by {name} (exit {done.returncode}): {words}",
            todo="the files in force stay; correct the setting it names",
        )


def secrets_in(new: dict[str, Entry]) -> set[str]:
    """The values in files that not everybody may read: the last word of each line, and its parts."""
    found: set[str] = set()
    for entry in new.values():
        if not entry.mode & 0o004:
            for line in entry.content.splitlines():
                value = re.split(r"[\s=]+", line.strip())[-1].strip("\"';")
                found |= {part for part in (value, *value.split(":")) if len(part) > 2}
    return found
