"""The plans of two revisions, each made by its own code."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ops.errors import Exit, OpsError
from ops.plan.document import Document

MODULE = Path("plan") / "document" / "__main__.py"
#: Seconds for one plan; one takes a second.
PATIENCE = 600.0


@dataclass(frozen=True, kw_only=True)
class Revisions:
    """`before` and `after` the change. `against`: how the first is called; `notes`: what has to be said of them."""

    against: str
    before: Document
    after: Document
    notes: tuple[str, ...] = ()


def revisions(root: Path, stack: str, against: str) -> Revisions:
    """The plan at a commit of git, and that of the working tree.

    Raises:
        OpsError: there is no such commit, or no plan can be made at all.
    """
    commit = _git(root, "rev-parse", "--verify", "--quiet", f"{against}^{{commit}}").strip()
    key = secrets.token_hex(32)
    after = _made(code=root, settings=root, stack=stack, key=key)
    with tempfile.TemporaryDirectory(prefix="hactl-plan-") as folder:
        tree = Path(folder)
        _export(root, commit, tree)
        before, note = _before(root, tree, stack, key)
    name = against if commit.startswith(against) else f"{against} ({commit[:10]})"
    notes = [note] if note else []
    stood_in = sorted({*before.stood_in, *after.stood_in})
    if stood_in:
        notes.append(f"given elsewhere, and the same stand-in on both sides here: {', '.join(stood_in)}")
    return Revisions(against=name, before=before, after=after, notes=tuple(notes))


def _before(root: Path, tree: Path, stack: str, key: str) -> tuple[Document, str]:
    """The plan of an exported tree by its own code; where that cannot say it, by ours, and words for it."""
    if not (tree / MODULE).exists():
        why = "its code cannot write its plan as a document yet"
    else:
        try:
            return _made(code=tree, settings=tree, stack=stack, key=key), ""
        except OpsError as error:
            why = error.what
    made = _made(code=root, settings=tree, stack=stack, key=key)
    return made, (
        f"the old settings were read by the new code ({why}): what the program itself changes is not seen here, only "
        "what the settings change"
    )


def _made(*, code: Path, settings: Path, stack: str, key: str) -> Document:
    """The document that one tree's code makes of one tree's settings."""
    # Half of the time in which hactl begins, for this command alone.
    from plan.document import VERSION

    # Nothing of this process's environment is handed on but what a program needs to run: the code may be anybody's.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "plan.document", str(settings), stack],
            cwd=code,
            env={**kept, "PYTHONPATH": str(code), "PYTHONDONTWRITEBYTECODE": "1"},
            input=key,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise OpsError(
            f"its code made no plan of stack {stack} within {PATIENCE:.0f} s", "try again", Exit.UNREACHABLE
        ) from None
    if done.returncode:
        last = (done.stderr.strip() or "it said nothing").splitlines()[-1]
        raise OpsError(
            f"its code made no plan of stack {stack}: {last}",
            "run `python -m plan.document . STACK` there for the whole message",
            Exit.UNREACHABLE,
        )
    try:
        found = Document.model_validate(json.loads(done.stdout))
    except (ValueError, ValidationError):
        raise _other_form() from None
    if found.version != VERSION:
        raise _other_form()
    return found


def _other_form() -> OpsError:
    return OpsError("its code writes its plan in another form", "compare with a later revision", Exit.UNREACHABLE)


def _export(root: Path, commit: str, tree: Path) -> None:
    """The tree of a commit. Nothing of the repository itself is touched."""
    with subprocess.Popen(["git", "archive", commit], cwd=root, stdout=subprocess.PIPE) as archive:
        unpacked = subprocess.run(["tar", "-x", "-C", str(tree)], stdin=archive.stdout, check=False)
    if archive.returncode or unpacked.returncode:
        raise OpsError(
            f"the tree of {commit[:10]} could not be unpacked below {tree.parent}",
            "look whether there is room, and `git fsck`",
            Exit.UNREACHABLE,
        )


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise OpsError("there is no git", "install git", Exit.UNREACHABLE) from None
    if done.returncode:
        wanted = words[-1].removesuffix("^{commit}")
        why = done.stderr.strip().splitlines()[-1:] or ["git knows no such commit here"]
        raise OpsError(
            f"the revision {wanted} cannot be had: {why[0]}",
            "name a commit, branch or tag; a shallow clone lacks them: `git fetch --depth=1 origin BRANCH`, "
            "then --against FETCH_HEAD",
            Exit.UNREACHABLE,
        )
    return done.stdout
