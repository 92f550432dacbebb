"""A stack that stands in for one of mariadb-ha's: its outputs, without its servers, in a backend of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

#: What a URL reads otherwise; accounts may be given passwords of the user's own.
PASSWORD = "p@ss:w/rd%?#"
QUOTED = "p%40ss%3Aw%2Frd%25%3F%23"
PROGRAM = """
import json
from pathlib import Path

import pulumi

for name, value in json.loads(Path("outputs.json").read_text()).items():
    pulumi.export(name, pulumi.Output.secret(value) if name == "databases" else value)
"""


def contract() -> dict[str, Any]:
    """The outputs that the golden files keep of a stack on VMs, with that password."""
    outputs: dict[str, Any] = json.loads((ROOT / "tests/golden/kept/vms/outputs.json").read_text())
    outputs["databases"]["app"]["accounts"]["app"]["password"] = PASSWORD
    return outputs


@dataclass(frozen=True)
class Backend:
    """A folder with the state and the projects."""

    folder: Path

    def pulumi(self, project: str, *words: str, good: bool | None = True) -> str:
        """One command of the CLI in a project's folder; all that it says. `good`: how it ends; None: either way."""
        env = {
            # Types are judged once, by the compiler itself (test_typescript.py).
            "PULUMI_NODEJS_TRANSPILE_ONLY": "true",
            **os.environ,
            "PULUMI_BACKEND_URL": f"file://{self.folder}/state?no_tmp_dir=true",
            "PULUMI_CONFIG_PASSPHRASE": "languages",
        }
        done = subprocess.run(
            ["pulumi", "-C", str(self.folder / project), "--non-interactive", *words],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert good is None or (done.returncode == 0) is good, done.stdout + done.stderr
        return done.stdout + done.stderr

    def configure(self, project: str, *, plaintext: Mapping[str, str], secret: Mapping[str, str] | None = None) -> None:
        """Settings of a project's stack, at once."""
        words = [word for key, value in plaintext.items() for word in ("--plaintext", f"{key}={value}")]
        words += [word for key, value in (secret or {}).items() for word in ("--secret", f"{key}={value}")]
        self.pulumi(project, "config", "set-all", "--path", *words)

    def output(self, project: str, *words: str) -> Any:
        """Outputs as JSON; with the word `--show-secrets` in clear."""
        return json.loads(self.pulumi(project, "stack", "output", "--json", *words))

    def bring_up(self, outputs: dict[str, Any], stack: str) -> None:
        """A stand-in with these outputs."""
        folder = self.folder / "mariadb-ha"
        folder.mkdir(exist_ok=True)
        (folder / "Pulumi.yaml").write_text("name: mariadb-ha\nruntime: python\n")
        (folder / "__main__.py").write_text(PROGRAM)
        (folder / "outputs.json").write_text(json.dumps(outputs))
        self.pulumi("mariadb-ha", "stack", "init", stack)
        self.pulumi("mariadb-ha", "up", "--yes", "--skip-preview")

    def example(self, name: str) -> str:
        """An example with a stack that refers to the stand-in; its folder here."""
        shutil.copytree(ROOT / "examples" / name, self.folder / name, ignore=shutil.ignore_patterns("node_modules"))
        self.pulumi(name, "stack", "init", "test")
        self.pulumi(name, "config", "set", "databaseStack", "organization/mariadb-ha/standin")
        return name
