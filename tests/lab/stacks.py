"""A stack of the lab as its user sees it: `make`, `hactl`, `lab/ssh`, SQL.

Every stack of the tests has a lab of its own, so that several run side by side.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
#: A `dev` stack that is up already is used as it is, and left as it is.
REUSE = os.environ.get("MARIADB_HA_REUSE") == "1"
#: Patience for a whole `make up`, in seconds: a machine three times slower than the usual one is not a failed test.
UP_TIMEOUT = 3600


@dataclass
class Run:
    """A finished command."""

    code: int
    out: str
    seconds: float

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object that it printed; where it ended with another code than 0, words for people come after it."""
        found: dict[str, Any]
        found, _ = json.JSONDecoder().raw_decode(self.out)
        return found


def run(
    *command: str | Path,
    timeout: float = 900,
    stdin: str | None = None,
    env: dict[str, str] | None = None,
    errors: bool = True,
) -> Run:
    """Runs a command in the project's root.

    Args:
        command: its words.
        timeout: seconds.
        stdin: its standard input.
        env: variables beside this process's own.
        errors: standard error comes with standard output; False: only when the command fails.
    """
    start = time.monotonic()
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if errors else subprocess.PIPE,
        text=True,
        timeout=timeout,
        check=False,
    )
    more = "" if errors or done.returncode == 0 else done.stderr
    return Run(done.returncode, done.stdout + more, time.monotonic() - start)


def tracked_files(stack: str) -> str:
    """What git sees of the tree.

    Stack files of other stacks are left out: their tests run side by side and edit them.
    """
    others = [f":(exclude){path.name}" for path in ROOT.glob("Pulumi.?*.yaml") if path.name != f"Pulumi.{stack}.yaml"]
    return subprocess.run(
        ["git", "status", "--porcelain", "--", ".", *others], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


@dataclass
class Stack:
    """One stack.

    Attributes:
        name: `Pulumi.<name>.yaml` says what it is.
        lab: LAB_NAME of its lab.
        port: loopback port that leads to its VIP.
        killed: what `up`s said that were killed.
        resumed: the `up` that finished it.
    """

    name: str
    lab: str
    port: int
    killed: list[str] = field(default_factory=list)
    resumed: Run | None = None
    tracked_before: str = ""

    @property
    def env(self) -> dict[str, str]:
        """What the user of a second lab sets."""
        return {"LAB_NAME": self.lab, "STACK": self.name, "MARIADB_HA_PORT": str(self.port)}

    @property
    def state(self) -> Path:
        """The stack's private files."""
        return ROOT / ".state" / self.name

    @property
    def file(self) -> Path:
        """The user's stack file."""
        return ROOT / f"Pulumi.{self.name}.yaml"

    @property
    def inventory(self) -> dict[str, Any]:
        """What `up` wrote for `hactl`."""
        document: dict[str, Any] = json.loads((self.state / "inventory.json").read_text())
        return document

    @property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs with their secrets."""
        done = self.pulumi("stack", "output", "--json", "--show-secrets")
        assert done.code == 0, done.out
        document: dict[str, Any] = json.loads(done.out)
        return document

    def run(self, *command: str | Path, timeout: float = 900, stdin: str | None = None) -> Run:
        """A command with this stack's lab as its lab; standard output and error together."""
        return run(*command, timeout=timeout, stdin=stdin, env=self.env)

    def make(self, target: str, *, timeout: float = UP_TIMEOUT) -> Run:
        """`make up` or `make down`, as its user types it."""
        return self.run("make", target, f"STACK={self.name}", timeout=timeout)

    def pulumi(self, *words: str | Path) -> Run:
        """Plain Pulumi on the stack's workspace."""
        return self.run("deploy/pulumi", self.name, *words)

    def ssh(self, host: str, command: str, *, stdin: str | None = None, timeout: float = 300) -> Run:
        """A command on a host."""
        return self.run("lab/ssh", host, command, stdin=stdin, timeout=timeout)

    def sql(self, host: str, statement: str) -> str:
        """SQL as root on a node, through its socket."""
        done = self.ssh(host, "sudo mariadb -N -B", stdin=statement)
        assert done.code == 0, done.out
        return done.out.strip()

    def hactl(self, *words: str, timeout: float = 1800) -> Run:
        """`hactl`; standard output, and what it says to standard error when it fails."""
        return run("./hactl", *words, "--stack", self.name, timeout=timeout, env=self.env, errors=False)

    def status(self) -> dict[str, Any]:
        """What `hactl status` says."""
        return self.hactl("status", "--json").document

    def healthy_within(self, seconds: float = 900) -> bool:
        """Asks `hactl status` until it is content, or until this many seconds have passed: a bound for a slow day, no
        promise.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.hactl("status").code == 0:
                return True
            time.sleep(3)
        return False

    def agent_says(self, host: str, words: str, seconds: int = 60) -> None:
        """The health agent's answer (`ok: synced 200`) has the words within the time: it answers from its last look,
        which is up to a second old, and later on a loaded machine.
        """
        ask = "curl -s -w ' %{http_code}' http://127.0.0.1:9200/"
        asked = f"end=$((SECONDS + {seconds})); until said=$({ask}); grep -q -- '{words}' <<< $said; do"
        said = self.ssh(host, f"{asked} [ $SECONDS -lt $end ] || exit 1; sleep 0.2; done; echo $said")
        assert said.code == 0, f"{host}: {self.ssh(host, ask).out}"

    def up_in_background(self, log: Path) -> subprocess.Popen[bytes]:
        """`make up` at work, in a process group of its own; its words go to the file."""
        with log.open("w") as file:
            return subprocess.Popen(
                ["make", "up", f"STACK={self.name}"],
                cwd=ROOT,
                env={**os.environ, **self.env},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def up_and_kill(self, marker: str, log: Path) -> str:
        """Starts `make up`, kills its whole process group the hard way once `marker` is in its output; gives the
        output.
        """
        process = self.up_in_background(log)
        deadline = time.monotonic() + UP_TIMEOUT
        while process.poll() is None and marker not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
        alive = process.poll() is None
        if alive:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        text = log.read_text()
        assert alive and marker in text, f"make up ended before {marker!r}:\n{text[-3000:]}"
        return text

    def set_settings(self, section: str, **values: Any) -> None:
        """Edits a section of the stack file for good."""
        document = yaml.safe_load(self.file.read_text())
        document["config"][f"mariadb-ha:{section}"].update(values)
        self.file.write_text(yaml.safe_dump(document, sort_keys=False))
