"""A throw-away Pulumi project with one Command in it, run by the real CLI and the installed plugins."""

import json
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
UP_SECONDS = 120

PULUMI_YAML = "name: toolchain-test\nruntime: python\n"

PROGRAM = '''\
"""One resource as spec.json describes it; a value {"secret": x} becomes a Pulumi secret, {"file": x} an asset."""
import json
from pathlib import Path

import pulumi
from pulumi_command import local, remote


def resolve(value):
    if not isinstance(value, dict):
        return value
    if set(value) == {"secret"}:
        return pulumi.Output.secret(value["secret"])
    if set(value) == {"file"}:
        return pulumi.FileAsset(value["file"])
    return {k: resolve(v) for k, v in value.items()}


spec = json.loads(Path("spec.json").read_text())
if spec["kind"]:
    kinds = {
        "local": local.Command, "remote": remote.Command,
        "CopyFile": remote.CopyFile, "CopyToRemote": remote.CopyToRemote,
    }  # fmt: skip
    step = kinds[spec["kind"]]("step", **resolve(spec["args"]))
if spec["run"]:
    pulumi.export("run", local.run(command=spec["run"]).stdout)
'''


@cache
def environment() -> dict[str, str]:
    """What toolchain/env gives to a POSIX shell."""
    out = subprocess.run(
        ["sh", "-c", ". toolchain/env && env -0"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return dict(line.split("=", 1) for line in out.split("\0") if line)


def own_state(home: Path) -> dict[str, str]:
    """The environment with a backend in this folder."""
    return environment() | {
        "PULUMI_BACKEND_URL": f"file://{home}/state?no_tmp_dir=true",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_STACK": "test",
    }


@dataclass
class Outcome:
    """How a pulumi command ended."""

    status: int
    output: str


@dataclass
class Project:
    """A stack with a state file of its own under home. Its program is run by the language host at `client`."""

    home: Path
    client: str

    @staticmethod
    def begin(home: Path) -> None:
        """Makes what each of them begins with: an empty stack."""
        (home / "state").mkdir(parents=True)
        (home / "Pulumi.yaml").write_text(PULUMI_YAML)
        (home / "__main__.py").write_text(PROGRAM)
        env = own_state(home)
        subprocess.run(["pulumi", "--cwd", home, "--non-interactive", "stack", "init", "test"], env=env, check=True)

    def __post_init__(self) -> None:
        self.env = own_state(self.home)
        self.describe(None)

    def describe(self, kind: str | None, run: str = "", **args: Any) -> None:
        """Set what the program declares: a resource of that kind, or none."""
        (self.home / "spec.json").write_text(json.dumps({"kind": kind, "args": args, "run": run}))

    def pulumi(self, *words: str) -> Outcome:
        runs = [f"--client={self.client}"] if words[0] in ("up", "preview") else []
        done = subprocess.run(
            ["pulumi", "--cwd", self.home, "--non-interactive", *words, *runs], env=self.env, timeout=UP_SECONDS,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        return Outcome(done.returncode, done.stdout)

    def up(self, kind: str, **args: Any) -> dict[str, Any]:
        """Bring the stack to that one resource, expecting success; its outputs, secrets in the clear."""
        outcome = self.try_up(kind, **args)
        assert outcome.status == 0, outcome.output
        resource = self.resource(show_secrets=True)
        assert resource is not None
        outputs: dict[str, Any] = resource["outputs"]
        return outputs

    def try_up(self, kind: str, **args: Any) -> Outcome:
        self.describe(kind, **args)
        return self.pulumi("up", "--yes", "--skip-preview")

    def preview(self, *options: str) -> Outcome:
        return self.pulumi("preview", "--diff", *options)

    def destroy(self) -> Outcome:
        return self.pulumi("destroy", "--yes", "--skip-preview")

    def resource(self, show_secrets: bool = False) -> dict[str, Any] | None:
        """The Command in the state, None if it is not there."""
        exported = self.pulumi("stack", "export", *(["--show-secrets"] if show_secrets else []))
        found = [
            r for r in json.loads(exported.output)["deployment"].get("resources", []) if r["urn"].endswith("::step")
        ]
        resource: dict[str, Any] | None = found[0] if found else None
        return resource
