"""`python -m deploy up|down --stack NAME`: what `make up` and `make down` call once the toolchain is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deploy import durations, inside, made_with
from deploy.errors import DeployError
from deploy.lab_hosts import lab_hosts, lab_name, with_keys
from deploy.lock import only_one
from deploy.paths import LAB_RUN, ROOT, TOOLCHAIN_RUN, StackPaths, write_private
from deploy.privileges import become_root, give_back
from deploy.stage import Stages
from deploy.workspace import check, merged_config, prepare, stack_secrets, tracked_config, wants_lab
from plan import make_plan
from plan.context import Context

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(highlight=False, soft_wrap=True)
StackOption = Annotated[str, typer.Option("--stack", help="Name of the stack: Pulumi.<name>.yaml says what it is.")]


def _read(command: str) -> str:
    done = subprocess.run([str(ROOT / "lab" / command)], capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise DeployError(f"lab/{command} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def local_port() -> int:
    """Loopback port by which the machine's clients reach the VIP.

    Raises:
        DeployError: MARIADB_HA_PORT is no TCP port.
    """
    said = os.environ.get("MARIADB_HA_PORT") or "13306"
    if not (said.isascii() and said.isdigit() and 1 <= int(said) <= 65535):
        raise DeployError(
            f"MARIADB_HA_PORT is {said!r}: a TCP port of this machine from 1 to 65535 is needed. Nothing was touched."
        )
    return int(said)


def found_here() -> dict[str, Any]:
    """What this machine's lab offers, as settings of the hypervisor."""
    return {
        "uri": _read("uri"),
        "domain_type": _read("domain-type"),
        "image": str((ROOT / ".cache" / "image" / "guest.qcow2").resolve()),
        "pool_path": str(ROOT / ".state" / "lab" / "pools"),
    }


def in_lab(paths: StackPaths) -> bool:
    """True where the stack's hosts are in the lab: VMs that it makes there, or servers that the lab provides."""
    config = tracked_config(paths)
    return wants_lab(config) or bool(lab_hosts(paths.stack).of(config))


def owns_lab(paths: StackPaths) -> bool:
    """True where the lab was made for the stack: it ends with it. Servers that were there before the stack stay."""
    return wants_lab(tracked_config(paths)) or bool(lab_hosts(paths.stack).to_make)


def _context(paths: StackPaths, *, lab: bool, to_destroy: bool = False) -> Context:
    config = tracked_config(paths)
    hosts = lab_hosts(paths.stack).of(config)
    found = found_here() if lab and wants_lab(config) else {}
    merged = merged_config(config, hypervisor=found, paths=paths)
    return prepare(paths, with_keys(merged, hosts, known=True), to_destroy=to_destroy)


def _enter(paths: StackPaths, verb: str, *, lab: bool) -> None:
    """Runs the rest inside the lab's network."""
    command = [str(TOOLCHAIN_RUN), sys.executable, "-m", "deploy", f"{verb}-inside", "--stack", paths.stack]
    done = subprocess.run([str(LAB_RUN), *command] if lab else command, cwd=ROOT, check=False)
    if done.returncode:
        raise typer.Exit(done.returncode)


def remember_lab(paths: StackPaths) -> None:
    """The lab in which the stack was made is meant where the user names none."""
    said = paths.lab.read_text().strip() if paths.lab.exists() else ""
    if said and said != "-":
        os.environ.setdefault("LAB_NAME", said)


@app.command()
def up(stack: StackOption = "dev") -> None:
    """From what is there to a serving stack; run again, it changes nothing."""
    paths, stages = StackPaths(stack=stack), Stages(console)
    remember_lab(paths)
    config = tracked_config(paths)
    lab, port, servers = in_lab(paths), local_port(), lab_hosts(stack)
    if lab:
        become_root()
    fresh = not paths.generated.exists()
    with stages.stage("settings"):
        merged = with_keys(merged_config(config, hypervisor={}, paths=paths), servers.of(config), known=False)
        settings = check(merged, paths)
        made_with.refuse_switch(paths, made_with.toolchain())
    if "MARIADB_HA_TOOLCHAIN_SECONDS" in os.environ:
        stages.seconds["toolchain"] = float(os.environ["MARIADB_HA_TOOLCHAIN_SECONDS"])
    paths.work.mkdir(parents=True, exist_ok=True)
    with only_one(paths.work / "up.lock"):
        write_private(paths.lab, f"{lab_name() if lab else '-'}\n")
        if lab:
            stages.run("lab packages", [ROOT / "lab" / "install"], cwd=ROOT)
            stages.run("guest image", [ROOT / "lab" / "image"], cwd=ROOT)
        before_stack = sum(stages.seconds.values())
        if lab:
            stages.run("lab (libvirtd in a network namespace of its own)", [ROOT / "lab" / "start"], cwd=ROOT)
            if servers.to_make:
                key = stack_secrets(paths, settings).ssh_key("admin-ssh-key").public
                stages.run(
                    "hosts of the lab",
                    [ROOT / "lab" / "hosts", "up", "--authorized-key", key, *servers.to_make],
                    cwd=ROOT,
                )
            stages.run("time server of the lab", [ROOT / "lab" / "clock"], cwd=ROOT)
        context = _context(paths, lab=lab)
        entry = make_plan(context).entry
        if lab and entry:
            # Before the hosts: a port that leads to another stack is said in time.
            target = f"{entry.host}:{entry.port}"
            stages.run(
                f"forward 127.0.0.1:{port} to {target}", [ROOT / "lab" / "forward", str(port), target, stack], cwd=ROOT
            )
        with stages.stage(f"stack {stack}"):
            _enter(paths, "up", lab=lab)
        stages.save(paths.timings)
        took = durations.stack_key(stack, context.settings, fresh=fresh)
        durations.keep({**durations.of_stages(stages.seconds), took: sum(stages.seconds.values()) - before_stack})
    _summary(context, stages, port=port if lab else None)


def _summary(context: Context, stages: Stages, *, port: int | None) -> None:
    """What to do next. `port`: where clients reach the stack on this machine, None without the lab."""
    table = Table(show_header=False, box=None, padding=(0, 2))
    name = context.stack
    suffix = "" if name == "dev" else f" STACK={name}"
    option = "" if name == "dev" else f" --stack {name}"
    plan = make_plan(context)
    for purpose, endpoint in plan.endpoints.items():
        table.add_row(purpose, f"{endpoint.host}:{endpoint.port}")
    for component in plan.components.values():
        if url := component.outputs.get("url"):
            table.add_row("open", f"{url}{f' (here: 127.0.0.1:{port})' if port else ''}")
    if writer := plan.endpoints.get("writer"):
        accounts = [
            (database, user) for database, entry in context.settings.databases.items() for user in entry.applications()
        ]
        if accounts:
            database, user = accounts[0]
            at = f"-h 127.0.0.1 -P {port}" if port else f"-h {writer.host}"
            table.add_row("connect", f"mariadb {at} -u {user} -p {database}")
            table.add_row("password", f"deploy/pulumi {name} stack output databases --show-secrets")
    table.add_row("look", f"./hactl status{option}")
    table.add_row("tear down", f"make down{suffix}")
    table.add_row("took", "\n".join(f"{seconds:6.0f} s  {title}" for title, seconds in stages.seconds.items()))
    console.print()
    console.print(table)


@app.command()
def down(stack: StackOption = "dev") -> None:
    """Removes everything that `up` made, protected data volumes excepted."""
    paths, stages = StackPaths(stack=stack), Stages(console)
    remember_lab(paths)
    if in_lab(paths):
        become_root()
    if not paths.generated.exists():
        console.print(f"stack {stack}: nothing to do")
        if owns_lab(paths) and not others_in_lab(paths):
            stages.run("lab", [ROOT / "lab" / "stop"], cwd=ROOT)
        return
    lab = in_lab(paths)
    with only_one(paths.work / "up.lock"):
        if lab:
            stages.run("lab", [ROOT / "lab" / "start"], cwd=ROOT)
        with stages.stage(f"stack {stack}"):
            _enter(paths, "down", lab=lab)
        if lab:
            stages.run("forward ended", [ROOT / "lab" / "forward", "--end", stack], cwd=ROOT)
        gone = not paths.generated.exists()
    if gone:
        shutil.rmtree(paths.work, ignore_errors=True)
    if owns_lab(paths) and not others_in_lab(paths):
        stages.run("lab stopped", [ROOT / "lab" / "stop"], cwd=ROOT)


def others_in_lab(paths: StackPaths) -> list[str]:
    """Other stacks that were made in this lab. One whose record cannot be read is counted: it may live there."""
    found = []
    for path in sorted((ROOT / ".state").glob("*/Pulumi.*.yaml")):
        if path.parent.name == paths.stack or path.name != f"Pulumi.{path.parent.name}.yaml":
            continue
        other = StackPaths(stack=path.parent.name)
        if not other.lab.exists() or other.lab.read_text().strip() == lab_name():
            found.append(other.stack)
    return found


@app.command(hidden=True)
def up_inside(stack: StackOption = "dev") -> None:
    """The part of `up` inside the lab's network."""
    paths = StackPaths(stack=stack)
    lab = in_lab(paths)
    inside.up(paths, _context(paths, lab=lab), console, lab=lab)


@app.command(hidden=True)
def down_inside(stack: StackOption = "dev") -> None:
    """The part of `down` inside the lab's network."""
    paths = StackPaths(stack=stack)
    if inside.down(paths, _context(paths, lab=in_lab(paths), to_destroy=True), console):
        paths.generated.unlink(missing_ok=True)


def main() -> None:
    """Entry: a user's mistake is a message, never a traceback."""
    os.chdir(ROOT)
    try:
        app()
    except DeployError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"[red bold]stopped:[/red bold] {error}", markup=True
        )
        sys.exit(1)
    finally:
        give_back()


if __name__ == "__main__":
    main()
