"""Official releases cannot be downloaded on a machine with registries only, so here is the contract with Pulumi's own
tools: what they are asked for, where it goes, and what happens when they fail. The tools themselves are stood in for.
"""

import inspect
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from tests.toolchain.project import ROOT

#: Stands in for the environment's Python: notes what it is asked for and leaves a CLI that does the same.
INSTALLER = """\
#!/bin/sh
cat > "$JOURNAL.program"
echo "installer root=$2 version=$3" >> "$JOURNAL"
[ -z "$OFFLINE" ] || { echo "no route to host"; exit 1; }
mkdir -p "$2/bin"
cat > "$2/bin/pulumi" <<'CLI'
#!/bin/sh
echo "pulumi $* into $PULUMI_HOME" >> "$JOURNAL"
[ -z "$NO_PLUGINS" ] || exit 1
mkdir -p "$PULUMI_HOME/plugins/resource-$4-v$5"
: > "$PULUMI_HOME/plugins/resource-$4-v$5/pulumi-resource-$4"
CLI
cp "$2/bin/pulumi" "$2/bin/pulumi-language-python"
cp "$2/bin/pulumi" "$2/bin/pulumi-language-python-exec"
chmod +x "$2"/bin/*
"""

#: Stands in for Go: notes which module it builds, and makes the file.
GO = """\
#!/bin/sh
if [ "$1" = list ]; then echo "$COPY/sdk"; exit; fi
echo "build ${PWD##*/}" >> "$JOURNAL"
while [ "$1" != -o ]; do shift; done
: > "$2"
"""

#: Runs install_pulumi alone, with the stand-in for Go.
DRIVER = """\
set -eu
here=$PWD/toolchain
. "$here/lib/load.sh"
mkdir -p "$bin" "$logs" "$installed"
find_go() { go=$COPY/go; }
way=$1
install_pulumi
"""


@dataclass
class Copy:
    """A copy of the project's toolchain with stand-ins around it."""

    root: Path

    def install(self, way: str, **env: str) -> "subprocess.CompletedProcess[str]":
        stand_ins = {
            "COPY": str(self.root),
            "JOURNAL": str(self.root / "journal"),
            "OFFLINE": "",
            "NO_PLUGINS": "",
            # No Pulumi of this checkout or machine.
            "HOME": str(self.root / "home"),
            "PATH": f"{self.root}/own:/usr/bin:/bin",
            **env,
        }
        return subprocess.run(
            ["bash", "-c", DRIVER, "driver", way],
            cwd=self.root,
            env=os.environ | stand_ins,
            capture_output=True,
            text=True,
        )

    def journal(self) -> list[str]:
        text = (self.root / "journal").read_text()
        return text.replace(str(self.root), "").splitlines()

    def ways(self) -> dict[str, str]:
        stamps = sorted((self.root / ".cache/toolchain/installed").iterdir())
        return {stamp.name: stamp.read_text().split("way=")[1].split("\n")[0] for stamp in stamps}


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    shutil.copytree(ROOT / "toolchain", tmp_path / "toolchain")
    python = tmp_path / ".cache/venv/bin/python"
    python.parent.mkdir(parents=True)
    for program, text in ((python, INSTALLER), (tmp_path / "go", GO)):
        program.write_text(text)
        program.chmod(0o755)
    for name in (
        "cmd/pulumi-language-python-exec",
        "dist/pulumi-resource-pulumi-python",
        "dist/pulumi-analyzer-policy-python",
    ):
        script = tmp_path / "sdk/python" / name
        script.parent.mkdir(parents=True, exist_ok=True)
        script.touch()
    return Copy(tmp_path)


def test_official_parts_are_asked_for_by_version_and_kept_inside_the_project(copy: Copy) -> None:
    done = copy.install("auto")
    assert done.returncode == 0, done.stderr
    assert copy.journal() == [
        "installer root=/.cache/toolchain/official version=3.272.0",
        "pulumi plugin install resource libvirt 0.5.4 --reinstall into /.cache/pulumi-home",
        "pulumi plugin install resource command 1.2.1 --reinstall into /.cache/pulumi-home",
    ]
    assert set(copy.ways().values()) == {"official"}
    assert (copy.root / ".cache/toolchain/bin/pulumi").resolve() == copy.root / ".cache/toolchain/official/bin/pulumi"


def test_nothing_is_asked_for_twice(copy: Copy) -> None:
    copy.install("auto")
    asked = copy.journal()
    assert copy.install("official").returncode == 0
    assert copy.journal() == asked


def test_without_a_way_to_the_releases_all_is_built(copy: Copy) -> None:
    done = copy.install("auto", OFFLINE="yes")
    assert done.returncode == 0, done.stderr
    assert copy.journal()[1:] == ["build cli", "build language-python", "build libvirt", "build command"]
    assert set(copy.ways().values()) == {"build"}


def test_a_plugin_that_cannot_be_had_is_built_beside_an_official_cli(copy: Copy) -> None:
    assert copy.install("auto", NO_PLUGINS="yes").returncode == 0
    assert copy.ways() == {"cli": "official", "language": "official", "libvirt": "build", "command": "build"}


def test_official_alone_is_an_error_where_it_cannot_be_had(copy: Copy) -> None:
    done = copy.install("official", OFFLINE="yes")
    assert done.returncode == 1
    assert (
        "the Pulumi CLI could not be downloaded, and MARIADB_HA_TOOLCHAIN=official forbids building it" in done.stderr
    )
    assert len(copy.journal()) == 1


def test_build_asks_for_nothing_and_replaces_what_was_official(copy: Copy) -> None:
    copy.install("auto")
    asked = copy.journal()
    assert copy.install("build").returncode == 0
    assert copy.journal()[len(asked) :] == ["build cli", "build language-python", "build libvirt", "build command"]
    assert not (copy.root / ".cache/toolchain/bin/pulumi").is_symlink()


def test_the_installers_program_fits_the_sdk(copy: Copy) -> None:
    copy.install("auto")
    program = (copy.root / "journal.program").read_text()
    compile(program, "installer", "exec")
    assert "PulumiCommand.install(root=root, version=" in program
    assert {"root", "version"} <= set(inspect.signature(PulumiCommand.install).parameters)


def own_pulumi(copy: Copy, version: str = "3.200.1", language_host: bool = True) -> None:
    """A Pulumi that the machine has, with one of the two plugins."""
    files = {"pulumi": f"#!/bin/sh\n[ $1 = version ] && echo v{version}\n"}
    if language_host:
        files |= {"pulumi-language-python": "#!/bin/sh\n", "pulumi-language-python-exec": "#!/bin/sh\n"}
    (copy.root / "own").mkdir()
    plugins = copy.root / "home/.pulumi/plugins/resource-libvirt-v0.5.4"
    plugins.mkdir(parents=True)
    paths = {copy.root / "own" / name: text for name, text in files.items()}
    for file, text in {**paths, plugins / "pulumi-resource-libvirt": "#!/bin/sh\n"}.items():
        file.write_text(text)
        file.chmod(0o755)


def test_an_installed_pulumi_that_fits_is_copied(copy: Copy) -> None:
    own_pulumi(copy)
    done = copy.install("auto", OFFLINE="yes", NO_PLUGINS="yes")
    assert done.returncode == 0, done.stderr
    assert copy.ways() == {"cli": "installed", "language": "installed", "libvirt": "installed", "command": "build"}
    assert "Pulumi 3.200.1, as installed in" in done.stdout
    (copy.root / "own/pulumi").write_text("#!/bin/sh\necho v3.999.0\n")
    copied = copy.root / ".cache/toolchain/bin/pulumi"
    assert subprocess.run([copied, "version"], capture_output=True, text=True).stdout == "v3.200.1\n"


@pytest.mark.parametrize(
    ("version", "language_host", "why"),
    [
        ("3.100.0", True, "3.x from 3.190.0 on fits"),
        ("4.0.0", True, "3.x from 3.190.0 on fits"),
        ("3.200.1", False, "no language host for Python"),
    ],
)
def test_one_that_does_not_fit_is_left_alone_and_said(copy: Copy, version: str, language_host: bool, why: str) -> None:
    own_pulumi(copy, version, language_host)
    done = copy.install("auto")
    assert done.returncode == 0, done.stderr
    assert why in done.stdout
    assert copy.ways()["cli"] == "official"


@pytest.mark.parametrize("way", ["official", "build"])
def test_a_way_that_is_asked_for_is_taken_although_one_is_installed(copy: Copy, way: str) -> None:
    own_pulumi(copy)
    assert copy.install(way).returncode == 0
    assert set(copy.ways().values()) == {way}


def test_how_long_a_part_took_is_kept_the_first_time_alone(copy: Copy) -> None:
    copy.install("auto")
    kept = copy.root / ".state/durations"
    names = ["toolchain-cli", "toolchain-language", "toolchain-libvirt", "toolchain-command"]
    assert [line.split("=")[0] for line in kept.read_text().splitlines()] == names
    kept.write_text("toolchain-cli=123\n")
    copy.install("build")
    assert kept.read_text() == "toolchain-cli=123\n"
