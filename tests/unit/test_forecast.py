"""What `make up` says at its start, and what it begins side by side: the real scripts in a copy of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy import durations
from tests.conftest import ROOT

#: Stands for a part's program: notes that it began and ended, and what it does between.
PART = '#!/bin/sh\necho "begin {name}" >> "$JOURNAL"\n{body}\necho "end {name}" >> "$JOURNAL"\n'


class Checkout:
    """A copy with the machine's own commands replaced."""

    def __init__(self, root: Path) -> None:
        self.root = root
        scripts = ("deploy/forecast", "deploy/begin", "tests/prepare")
        for name in (*scripts, "lab/image-is-current", "lab/lib.sh", "lab/image"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        shutil.copy(ROOT / "lab/packages.host", root / "lab/packages.host")
        for name in ("lab/stacks", "lab/guest", "toolchain"):
            shutil.copytree(ROOT / name, root / name)
        for file in ROOT.glob("Pulumi.*.yaml"):
            shutil.copy(file, root / file.name)
        self.command("nproc", "echo 2")
        self.command("dpkg-query", "echo installed")
        self.command("id", "echo 0")

    def command(self, name: str, body: str) -> None:
        self.program(f"bin/{name}", f"#!/bin/sh\n{body}\n")

    def program(self, name: str, text: str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)

    def toolchain_is_there(self) -> None:
        self.program("toolchain/install", "#!/bin/sh\n")

    def toolchain_lacks(self, *parts: str) -> None:
        lines = "\n".join(f"echo '{part} - - missing or out of date: run toolchain/install'" for part in parts)
        self.program("toolchain/install", f"#!/bin/sh\n{lines}\nexit 1\n")

    def image_is_there(self) -> None:
        self.program("lab/image-is-current", "#!/bin/sh\n")

    def domain_type(self, said: str) -> None:
        (self.root / ".cache").mkdir(exist_ok=True)
        (self.root / ".cache/lab-domain-type").write_text(f"{said}\nkey\n")

    def took(self, lines: Mapping[str, int]) -> None:
        durations.keep(dict(lines), self.root / ".state/durations")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        env = {
            **os.environ,
            "PATH": f"{self.root}/bin:/usr/bin:/bin",
            "JOURNAL": str(self.root / "journal"),
        }
        return subprocess.run(words, cwd=self.root, env=env, capture_output=True, text=True, check=False, timeout=60)

    def rows(self, stack: str) -> dict[str, str]:
        done = self.run("deploy/forecast", stack)
        assert done.returncode == 0, done.stderr
        assert "estimates" in done.stdout.splitlines()[0]
        return {line[2:15].strip(): " ".join(line[15:].split()) for line in done.stdout.splitlines()[1:]}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_a_fresh_machine_without_kvm(checkout: Checkout) -> None:
    checkout.domain_type("qemu")
    assert checkout.rows("dev") == {
        "toolchain": "Python environment, Pulumi and plugins: venv cli language libvirt command about 4 min"
        " rough; less where releases can be had",
        "guest image": "Debian with the database packages, beside the toolchain about 95 s rough",
        "stack": "5 VMs, emulated (no KVM) about 10 min rough",
        "in all": "about 15 min",
    }


def test_what_is_there_already_takes_no_time(checkout: Checkout) -> None:
    checkout.domain_type("kvm")
    checkout.toolchain_is_there()
    checkout.image_is_there()
    rows = checkout.rows("dev")
    assert rows["toolchain"] == rows["guest image"] == "there already"
    assert rows["stack"] == "5 VMs under KVM about 2 min rough"


def test_only_what_lacks_is_counted(checkout: Checkout) -> None:
    checkout.toolchain_lacks("venv")
    checkout.image_is_there()
    assert checkout.rows("web")["toolchain"].startswith("Python environment, Pulumi and plugins: venv about 35 s")


def test_former_runs_of_this_machine_count_more(checkout: Checkout) -> None:
    checkout.domain_type("qemu")
    checkout.toolchain_lacks("venv", "cli")
    checkout.took({"toolchain-venv": 10, "toolchain-cli": 300, "guest-image": 40, "stack-dev-qemu": 480})
    rows = checkout.rows("dev")
    assert rows["toolchain"].endswith("venv cli about 5 min as it took here")
    assert rows["guest image"].endswith("about 40 s as it took here")
    assert rows["stack"] == "5 VMs, emulated (no KVM) about 8 min as it took here"


def test_figures_of_emulation_say_nothing_of_kvm(checkout: Checkout) -> None:
    checkout.domain_type("kvm")
    checkout.took({"stack-dev-qemu": 480})
    assert checkout.rows("dev")["stack"].endswith("rough")


def test_kinds_of_hosts_and_a_stack_that_is_there(checkout: Checkout) -> None:
    checkout.domain_type("qemu")
    assert checkout.rows("quick")["stack"].startswith("2 VMs, emulated (no KVM), 3 container hosts about 5 min")
    assert checkout.rows("web")["stack"].startswith("2 container hosts about 31 s")
    (checkout.root / ".state/web").mkdir(parents=True)
    (checkout.root / ".state/web/Pulumi.web.yaml").touch()
    checkout.took({"again-web-hosts": 7})
    assert checkout.rows("web")["stack"] == "there, or begun, already: what changed (2 container hosts) about 7 s" + (
        " as it took here"
    )


def test_servers_of_ones_own_want_no_lab(checkout: Checkout) -> None:
    shutil.copy(ROOT / "examples/bare_metal/Pulumi.metal.yaml", checkout.root)
    rows = checkout.rows("metal")
    assert "guest image" not in rows
    assert " servers about" in rows["stack"]
    checkout.program("bin/sudo", "#!/bin/sh\nexit 9\n")
    assert checkout.run("deploy/forecast", "--beside", "metal").returncode == 1


def test_an_unknown_stack_is_left_to_the_settings(checkout: Checkout) -> None:
    done = checkout.run("deploy/forecast", "nowhere")
    assert (done.returncode, done.stdout) == (0, "")


def parts(checkout: Checkout, *, image: str = "") -> None:
    """The toolchain ends only when the image has begun: side by side, or never."""
    for name, body in {
        "toolchain/install": '[ "$1" != --check ] || { echo "toolchain: nothing is installed"; exit 1; }\n'
        'until grep -qs "begin image" "$JOURNAL" || [ -n "$ALONE" ]; do sleep 0.1; done',
        "toolchain/run": 'echo "deploy $*" >> "$JOURNAL"; exit 0',
        "lab/install": "",
        "tests/install": "",
        "lab/image": image,
    }.items():
        checkout.program(name, PART.format(name=name.split("/")[1], body=body))


def test_toolchain_and_image_are_made_side_by_side(checkout: Checkout) -> None:
    parts(checkout)
    checkout.program("bin/sudo", "#!/bin/sh\nexit 0\n")
    done = checkout.run("deploy/begin", "web")
    assert done.returncode == 0, done.stderr
    assert "made beside the toolchain" in done.stdout
    assert (checkout.root / "journal").read_text().splitlines()[-1] == "deploy python -m deploy up --stack web"
    assert "guest-image=" in (checkout.root / ".state/durations").read_text()


def test_make_test_makes_them_side_by_side_too(checkout: Checkout) -> None:
    parts(checkout)
    done = checkout.run("tests/prepare")
    assert done.returncode == 0, done.stderr
    assert "made beside the toolchain" in done.stdout
    journal = (checkout.root / "journal").read_text().splitlines()
    assert journal[-1] == "end install"
    assert journal.index("end image") < len(journal) - 2, "tests/install comes after both"


@pytest.mark.parametrize("why", ["one core", "no root", "image is there"])
def test_make_test_makes_one_after_the_other_where_it_must(checkout: Checkout, why: str) -> None:
    parts(checkout)
    if why == "one core":
        checkout.command("nproc", "echo 1")
    elif why == "no root":
        checkout.command("id", "echo 1000")
    else:
        checkout.image_is_there()
    done = checkout.run("env", "ALONE=yes", "tests/prepare")
    assert done.returncode == 0, done.stderr
    assert "beside" not in done.stdout
    assert "begin image" not in (checkout.root / "journal").read_text()


def test_make_test_goes_on_to_its_own_install_where_the_image_failed(checkout: Checkout) -> None:
    parts(checkout, image="exit 3")
    done = checkout.run("tests/prepare")
    assert done.returncode == 0, done.stderr
    assert "once more below" in done.stdout
    assert (checkout.root / "journal").read_text().splitlines()[-1] == "end install"


def test_an_image_that_fails_beside_it_is_made_once_more_by_deploy(checkout: Checkout) -> None:
    parts(checkout, image="exit 3")
    checkout.program("bin/sudo", "#!/bin/sh\nexit 0\n")
    done = checkout.run("deploy/begin", "web")
    assert done.returncode == 0, done.stderr
    assert "once more below" in done.stdout
    assert "deploy python" in (checkout.root / "journal").read_text()


def test_one_core_does_one_thing_after_the_other(checkout: Checkout) -> None:
    checkout.command("nproc", "echo 1")
    parts(checkout)
    done = checkout.run("env", "ALONE=yes", "deploy/begin", "web")
    assert done.returncode == 0, done.stderr
    assert "beside" not in done.stdout
    assert "begin image" not in (checkout.root / "journal").read_text()


@pytest.mark.parametrize("command", [("deploy/begin", "web"), ("tests/prepare",)], ids=["make up", "make test"])
def test_a_toolchain_that_fails_ends_the_image_too(checkout: Checkout, command: tuple[str, ...]) -> None:
    parts(checkout, image="echo $$ > pid; sleep 600")
    checkout.program("bin/sudo", "#!/bin/sh\nexit 0\n")
    checkout.program(
        "toolchain/install",
        '#!/bin/sh\n[ "$1" != --check ] || { echo "toolchain: nothing"; exit 1; }\n'
        "until [ -s pid ]; do sleep 0.1; done\nexit 7\n",
    )
    assert checkout.run(*command).returncode == 7
    pid = int((checkout.root / "pid").read_text())
    state = Path(f"/proc/{pid}/stat")
    for _ in range(600):
        if not state.exists() or state.read_text().split(")")[1].split()[0] == "Z":
            return
        subprocess.run(["sleep", "0.1"], check=True)
    raise AssertionError("the image's build goes on alone")


def test_durations_are_kept_by_key_and_what_had_nothing_to_do_is_not(tmp_path: Path) -> None:
    file = tmp_path / "state/durations"
    durations.keep({"guest-image": 95.4, "stack-dev-qemu": 600.0}, file)
    durations.keep({"guest-image": 80.0}, file)
    assert file.read_text() == "guest-image=80\nstack-dev-qemu=600\n"
    assert durations.of_stages({"lab packages": 0.3, "guest image": 90.0, "settings": 5.0}) == {"guest-image": 90.0}
    (tmp_path / "file").touch()
    durations.keep({"guest-image": 1.0}, tmp_path / "file/durations")
