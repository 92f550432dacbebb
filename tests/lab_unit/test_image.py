"""The guest image's root directory: what must be in it, and what of the machine that built it must not."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import make_context
from tests.lab_unit.conftest import LAB, bash


@pytest.fixture(scope="module")
def root() -> Path:
    done = bash("lab/root")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().splitlines()[-1])


def names(file: str) -> set[str]:
    lines = (line.split("#")[0].strip() for line in (LAB / "guest" / file).read_text().splitlines())
    return {line for line in lines if line}


def test_every_package_of_the_dev_stack_is_baked() -> None:
    """A guest of the lab has no mirror: a package that is not in the image ends its first boot with an error."""
    from plan.build import make_plan

    wanted = {package for host in make_plan(make_context()).hosts.values() for package in host.packages}
    assert wanted <= names("packages.base") | names("packages.baked")


def test_no_way_to_a_mirror_is_left(root: Path) -> None:
    addresses = bash(". lab/lib.sh; . lab/apt-of-host.sh; apt_sources bookworm").stdout.split()[1::4]
    assert addresses
    found = subprocess.run(
        ["grep", "-rlsF", *(f"-e{address}" for address in addresses), str(root / "etc")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""
    assert not list((root / "etc/apt/sources.list.d").iterdir())
    assert not (root / "etc/apt/sources.list").exists()


def test_what_must_differ_between_guests_is_not_in_the_image(root: Path) -> None:
    assert not list((root / "etc/ssh").glob("ssh_host_*"))
    assert (root / "etc/machine-id").read_text() == ""
    assert not (root / "var/lib/cloud/instance").exists()


def test_nobody_can_log_in_with_a_password(root: Path) -> None:
    assert "PasswordAuthentication no" in (root / "etc/ssh/sshd_config.d/lab.conf").read_text()
    hashes = {line.split(":")[0]: line.split(":")[1] for line in (root / "etc/shadow").read_text().splitlines()}
    assert all(value.startswith(("!", "*")) for value in hashes.values()), hashes


@pytest.mark.parametrize("service", ["mariadb", "keepalived", "haproxy", "nginx", "drbd", "chrony", "nftables"])
def test_services_of_the_plan_do_not_start_by_themselves(root: Path, service: str) -> None:
    wants = [
        *(root / "etc/systemd/system").glob(f"*.wants/{service}.service"),
        *(root / "etc").glob(f"rc[2345].d/S*{service}"),
    ]
    assert not wants


@pytest.mark.parametrize(
    "module",
    ["ip_vs", "ip_vs_mh", "ip_vs_rr", "ip_vs_fo", "drbd", "virtio_blk", "ext4", "isofs", "nf_tables", "dummy", "ipip"],
)
def test_the_kernel_is_the_stock_one_with_what_the_systems_need(root: Path, module: str) -> None:
    kernels = list((root / "lib/modules").iterdir())
    assert len(kernels) == 1
    assert not kernels[0].name.endswith("cloud-amd64")
    assert list(kernels[0].rglob(f"{module}.ko")), f"{module} is not in {kernels[0].name}"


def test_cloud_init_runs_only_modules_that_it_has(root: Path) -> None:
    lines = (root / "etc/cloud/cloud.cfg.d/90-lab.cfg").read_text().splitlines()
    modules = [match[1] for line in lines if (match := re.fullmatch(r"  - ([a-z_-]+)", line))]
    assert {"write-files", "users-groups", "ssh", "runcmd", "scripts-user"} <= set(modules)
    for module in modules:
        assert (root / f"usr/lib/python3/dist-packages/cloudinit/config/cc_{module.replace('-', '_')}.py").exists(), (
            module
        )
