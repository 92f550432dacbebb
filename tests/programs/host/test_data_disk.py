"""data-disk on real file systems on loop devices: what is blank, what is ours, what is left alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs.conftest import PROGRAMS, Desk

PASSWD = "root:x:0:0::/root:/bin/sh\nmysql:x:4711:4711::/nonexistent:/bin/false\n"


@pytest.fixture
def device(tmp_path: Path, desk: Desk) -> Iterator[str]:
    """A blank disk of 32 MiB, configured as this host's data volume."""
    image = tmp_path / "disk.img"
    with image.open("wb") as file:
        file.truncate(32 << 20)
    made = subprocess.run(["losetup", "--find", "--show", str(image)], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no loop devices here: {made.stderr.strip()}")
    loop = made.stdout.strip()
    desk.fake("systemctl", "exit 3")
    desk.write("/etc/passwd", PASSWD)
    desk.write("/etc/fstab", "# the user's own\nUUID=1 / ext4 defaults 0 1\n")
    desk.path("/var/lib/mariadb-ha").mkdir(parents=True)
    configure(desk, loop)
    yield loop
    subprocess.run(["losetup", "--detach", loop], check=True)


def configure(desk: Desk, device: str, *, adopt: str = "no") -> None:
    desk.write(
        "/etc/mariadb-ha/data-disk.env", f"DEVICE={device}\nMOUNT=/var/lib/mysql\nLABEL=mha-data\nADOPT={adopt}\n"
    )


def boot(desk: Desk, after: str = ":") -> tuple[int, str, str]:
    """One boot: run data-disk twice over the desk's /etc and /var/lib in a mount namespace, then shell lines.

    Unmounted after.
    """
    script = (
        f"set -u; mount --bind {desk.path('/etc')} /etc; mount --bind {desk.path('/var/lib')} /var/lib; "
        f"{sys.executable} {PROGRAMS / 'data-disk'}; code=$?; [ $code -eq 0 ] && {sys.executable} "
        f"{PROGRAMS / 'data-disk'}; {after}; exit $code"
    )
    env = {**desk.env, "MHA_ROOT": "", "MHA_DEVICE_TIMEOUT": "1"}
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True, env=env, timeout=60, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr


def blkid(device: str, tag: str) -> str:
    return subprocess.run(
        ["blkid", "-p", "-s", tag, "-o", "value", device], capture_output=True, text=True, check=False
    ).stdout.strip()


def mkfs(device: str, *arguments: str) -> None:
    subprocess.run(["mkfs.ext4", "-q", "-F", *arguments, device], check=True)


def test_blank_disk(desk: Desk, device: str) -> None:
    code, out, error = boot(desk, "stat -c %U.%a /var/lib/mysql; ls -A /var/lib/mysql; cat /etc/fstab")
    assert code == 0, error
    assert "blank, formatted as ext4 with label mha-data" in out
    assert "nothing to do" in out
    assert "mysql.750" in out
    assert "lost+found" not in out, "MariaDB would take it for a database, and a state transfer could not remove it"
    assert f"UUID={blkid(device, 'UUID')} /var/lib/mysql ext4" in out
    assert "# the user's own\nUUID=1 / ext4" in out


def test_data_is_there_after_a_reboot(desk: Desk, device: str) -> None:
    boot(desk, "echo precious >/var/lib/mysql/row")
    code, out, error = boot(desk, "cat /var/lib/mysql/row; grep -c /var/lib/mysql /etc/fstab")
    assert code == 0, error
    assert "precious\n1" in out
    assert "formatted" not in out


def test_anothers_file_system_is_left_alone(desk: Desk, device: str) -> None:
    mkfs(device, "-L", "holiday")
    before = blkid(device, "UUID")
    code, _, error = boot(desk)
    assert code == 1
    assert "already holds something else (ext4 label holiday)" in error
    assert "To do:" in error
    assert blkid(device, "UUID") == before


@pytest.mark.parametrize(
    "make", ["printf '\\125\\252' | dd of=$D bs=1 seek=510 conv=notrunc", "mkswap $D", "sfdisk $D <<E\n,\nE"]
)
def test_any_signature_at_all_is_left_alone(desk: Desk, device: str, make: str) -> None:
    subprocess.run(["sh", "-c", make], env={**desk.env, "D": device}, capture_output=True, check=True)
    before = Path(device).read_bytes()[:65536]
    code, _, error = boot(desk)
    assert code == 1, "a disk with a signature was taken"
    assert "left alone" in error
    assert Path(device).read_bytes()[:65536] == before


def test_blkid_alone_does_not_make_a_disk_blank(desk: Desk, device: str) -> None:
    mkfs(device, "-L", "holiday")
    desk.fake("blkid", "exit 2")
    code, _, error = boot(desk)
    assert code == 1
    assert "left alone" in error


def fill(device: str) -> None:
    mkfs(device, "-L", "mha-data")
    subprocess.run(["unshare", "--mount", "sh", "-c", f"mount {device} /mnt && echo precious >/mnt/row"], check=True)


def test_a_retained_volume_is_taken_only_when_told(desk: Desk, device: str) -> None:
    fill(device)
    code, _, error = boot(desk)
    assert code == 1
    assert "holds data of an earlier machine" in error
    assert "hypervisor.adopt_retained_volumes: true" in error
    configure(desk, device, adopt="yes")
    code, out, error = boot(desk, "cat /var/lib/mysql/row")
    assert code == 0, error
    assert "taken over with its data" in out
    assert "precious" in out
    configure(desk, device)  # this machine knows it by now
    assert boot(desk)[0] == 0


def test_ours_without_anything_on_it_is_taken(desk: Desk, device: str) -> None:
    mkfs(device, "-L", "mha-data")
    code, out, error = boot(desk)
    assert code == 0, error
    assert "nothing on it" in out


def test_an_interrupted_format_is_done_again(desk: Desk, device: str) -> None:
    boot(desk)
    with Path(device).open("r+b") as disk:
        disk.write(bytes(1 << 20))  # mkfs was killed before it wrote its superblock
    code, out, error = boot(desk)
    assert code == 0, error
    assert "formatted" in out


def test_a_second_disk_does_not_take_the_place_of_the_first(desk: Desk, device: str) -> None:
    boot(desk, "echo precious >/var/lib/mysql/row")
    subprocess.run(
        ["tune2fs", "-U", "random", device], check=True, capture_output=True
    )  # another machine's volume at that place
    code, _, error = boot(desk)
    assert code == 1
    assert "earlier machine" in error


def test_a_disk_that_is_not_there(desk: Desk, device: str) -> None:
    configure(desk, "/dev/disk/by-id/virtio-nowhere")
    code, _, error = boot(desk)
    assert code == 1
    assert "virtio-nowhere is not there" in error
    assert "serial" not in error, "a name such as /dev/vdb does not end in one"


def test_no_volume_no_work(desk: Desk) -> None:
    done = desk.run("data-disk")
    assert done.returncode == 0
    assert "nothing to do" in done.stdout
