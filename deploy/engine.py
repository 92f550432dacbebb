"""Pulumi's Automation API on a generated workspace, with a local state backend in `.state/pulumi`."""

from __future__ import annotations

import os

from pulumi import automation as auto

from deploy.errors import DeployError, PassingError
from deploy.paths import ROOT, StackPaths
from deploy.progress import Progress


def environment(paths: StackPaths) -> dict[str, str]:
    """What every Pulumi command of a stack runs with."""
    return {
        # A checkpoint is replaced in one step; the metadata beside it is not, and an `up` killed while it is written
        # leaves a stack that cannot be opened.
        "PULUMI_BACKEND_URL": os.environ.get(
            "PULUMI_BACKEND_URL", f"file://{ROOT / '.state' / 'pulumi'}?no_tmp_dir=true&metadata=skip"
        ),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(paths.passphrase),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_HOME": os.environ.get("PULUMI_HOME", str(ROOT / ".cache" / "pulumi-home")),
    }


def open_stack(paths: StackPaths) -> auto.Stack:
    """The stack, made in the backend if it is not there yet."""
    options = auto.LocalWorkspaceOptions(env_vars=environment(paths))
    try:
        return auto.create_or_select_stack(stack_name=paths.stack, work_dir=str(paths.work), opts=options)
    except auto.CommandError as error:
        raise DeployError(f"Pulumi cannot open stack {paths.stack}:\n{error}") from None


#: The libvirt provider reads a first-boot disk back as soon as it has sent it; on a busy machine libvirt has not
#: written it by then.
PASSING = ("error while retrieving remote ISO",)


def up(stack: auto.Stack, progress: Progress) -> None:
    """Runs `pulumi up`.

    Raises:
        PassingError: what passes by itself.
        DeployError: which host and step failed, and the last lines of its log.
    """
    try:
        with progress:
            stack.up(on_event=progress.on_event, suppress_progress=True)
    except auto.ConcurrentUpdateError:
        raise DeployError(
            "another `pulumi` is at work on this stack: wait for it to end, then run `make up` again."
        ) from None
    except auto.CommandError as error:
        words = progress.failure() or str(error)
        kind = PassingError if any(text in words for text in PASSING) else DeployError
        raise kind(
            f"{words}\nWhat was done so far is kept: mend the cause and run `make up` again, it goes on from there."
        ) from None


def destroy(stack: auto.Stack, progress: Progress) -> None:
    """Runs `pulumi destroy` on everything that is not protected.

    Raises:
        DeployError: what could not be removed.
    """
    try:
        with progress:
            stack.destroy(on_event=progress.on_event, suppress_progress=True, exclude_protected=True)
    except auto.CommandError as error:
        raise DeployError(
            f"{progress.failure() or error}\nRun `make down` again once the cause is mended; it goes on from there."
        ) from None
