"""`hactl connect` and `hactl env`."""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from ops import outputs, paths
from ops.connect.account import Login, choose
from ops.errors import Exit, OpsError
from ops.options import JsonOption, StackOption, chosen, print_json
from ops.run import load_inventory, through

DatabaseArgument = Annotated[str | None, typer.Argument(metavar="DATABASE", help="Default: the only one.")]
AccountOption = Annotated[str | None, typer.Option("--account", metavar="NAME", help="Default: the only one.")]
ReaderOption = Annotated[bool, typer.Option("--reader", help="The endpoint for reads instead of the one for writes.")]


def _login(stack: str, database: str | None, account: str | None, reader: bool) -> Login:
    found = outputs.read_outputs_in_clear(stack, paths.ROOT)
    purpose = "reader" if reader else "writer"
    return choose(found, stack=stack, database=database, account=account, purpose=purpose)


def env_command(
    context: typer.Context,
    database: DatabaseArgument = None,
    account: AccountOption = None,
    reader: ReaderOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the variables with which an application connects, as lines for a shell. They hold the password.

    `set -a; eval "$(hactl env)"; set +a` takes them over. Needs Pulumi's state and its passphrase.
    """
    name, wants_json = chosen(context, stack, as_json)
    variables = _login(name, database, account, reader).variables
    if wants_json:
        print_json(variables)
    else:
        sys.stdout.write("".join(f"{key}={shlex.quote(value)}\n" for key, value in variables.items()))


def connect_command(
    context: typer.Context,
    database: DatabaseArgument = None,
    account: AccountOption = None,
    reader: ReaderOption = False,
    stack: StackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open MariaDB's client with the right endpoint and account, through the lab where the stack lies in one.

    Standard input may be SQL. Ends with the client's exit code.
    """
    name, _ = chosen(context, stack, as_json)
    if not shutil.which("mariadb"):
        raise OpsError("there is no MariaDB client here", "install the package mariadb-client", Exit.REFUSED)
    prefix = through(load_inventory(name, paths.ROOT), paths.ROOT)
    raise typer.Exit(run_client(_login(name, database, account, reader), prefix, paths.state_dir(name, paths.ROOT)))


def run_client(login: Login, prefix: list[str], folder: Path) -> int:
    """The client at work; its exit code. The password is in a file for its owner only, while the client runs: the
    command line and the environment can be read by others.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=folder, prefix="client-", suffix=".cnf") as file:
        file.write(login.option_file)
        file.flush()
        # Ctrl-C is the client's: it ends a statement. A handler, and not SIG_IGN, which the client would inherit.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            command = [*prefix, "mariadb", f"--defaults-extra-file={file.name}", login.database]
            return subprocess.run(command, check=False).returncode
        finally:
            signal.signal(signal.SIGINT, before)
