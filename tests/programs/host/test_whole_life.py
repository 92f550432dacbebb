"""A bare-metal host's whole life in the guest image's root directory, on an overlay, offline: enrolled, delivered to
with the real checkers, changed by hand and repaired, withdrawn; what is left must be what was there before, and the
data.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from plan import make_plan
from plan.enrol import enrol_script
from plan.model import HostPlan
from tests.conftest import dev_config, make_context
from tests.image_root import image_root

LIB = "/usr/local/lib/mariadb-ha"
SETS = ("plain", "secret", "galera")
HOST = "mdb2"
#: What a removal of packages, systemctl and the end of a life may leave different; nothing of it is the stack's own.
CHANGED = (
    "var/lib/dpkg/",
    "var/lib/apt/",
    "var/cache/",
    "var/log/",
    "run/",
    "dev/",
    "proc/",
    "tmp/",
    "var/lib/systemd/",
    "etc/ld.so.cache",
)
LEFT = ("var/lib/mariadb-ha/retained.json",)
#: Stood in as installed by the stack: two that go, one that others need.
INSTALLED = ["ipvsadm", "keepalived", "libnl-genl-3-200", "libpam0g"]

#: No systemd runs here: units are enabled in the files, and nothing runs.
SYSTEMCTL = """#!/bin/sh
case $1 in
enable|disable|is-enabled) exec /usr/bin/systemctl --root=/ "$@" ;;
is-active) echo inactive; exit 3 ;;
esac
"""
SCRIPT = """
set -eu
mount -t overlay overlay -o lowerdir=$LOWER,upperdir=$UPPER,workdir=$WORK $MERGED
ip link set lo up
mount --rbind /dev $MERGED/dev
mount -t proc proc $MERGED/proc
mount -t tmpfs tmpfs $MERGED/run
mkdir $MERGED/run/mysqld
mount --bind $GIVEN $MERGED/mnt
exec chroot $MERGED sh -eu /mnt/life
"""
LIFE = f"""
echo "== enrol"; sh -s </mnt/enrol; sh -s </mnt/enrol
for set in {" ".join(SETS)}; do echo "== $set"; {LIB}/apply --owner-set $set </mnt/$set.json; done
for set in {" ".join(SETS)}; do echo "== again"; {LIB}/apply --owner-set $set </mnt/$set.json; done
for file in $(cat /mnt/paths); do stat -c "== stat %n %a %U %G" $file; sha256sum $file; done >/mnt/found
echo "== refused"; {LIB}/apply --owner-set galera </mnt/refused.json || echo "refused: $?"
echo "== drift"; {LIB}/drift | tr -d '\\n'; echo
echo "by hand" >>/etc/hosts; chmod 600 /etc/nftables.conf
echo "== drift"; {LIB}/drift | tr -d '\\n'; echo
echo "== repair"; {LIB}/drift --repair plain
echo "== drift"; {LIB}/drift | tr -d '\\n'; echo
nft -f /etc/nftables.conf
apt-mark auto {" ".join(INSTALLED)} >/dev/null
apt-mark manual ipvsadm keepalived >/dev/null
sed -i '1s/{{/{{"packages": {json.dumps(INSTALLED)}, "asked": ["ipvsadm", "keepalived"],/' \\
    /var/lib/mariadb-ha/host-changes.json
echo "== withdraw"; cp -r {LIB} /mnt/programs; {LIB}/withdraw --stack shop --host {HOST}
nft list tables
echo "== withdraw"; /mnt/programs/withdraw --stack shop --host {HOST}
"""


def bare_metal_plan() -> HostPlan:
    host = {"address": dev_config()["mariadb-ha:hosts"][HOST]["address"], "provisioner": "bare-metal"}
    return make_plan(
        make_context({"hosts": {HOST: host}, "bare_metal": {"trust_on_first_use": True}}, stack="shop")
    ).hosts[HOST]


def own(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[str]], Path, Path]:
    """What each part of the life said, the overlay's upper folder at its end, and the folder of what was given and
    found.
    """
    base = tmp_path_factory.mktemp("life")
    before, upper, work, merged, given = (base / name for name in ("before", "upper", "work", "merged", "given"))
    for folder in (before, upper, work, merged, given):
        folder.mkdir()
    own(before / "etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    own(before / "etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 root@before\n")
    own(before / "etc/hosts", "127.0.0.1 localhost before\n", 0o640)
    own(before / "var/lib/mysql/grastate.dat", "uuid:    0b6d7fd4-1111-11ee-be56-0242ac120002\nseqno:   5\n")
    own(before / "usr/local/sbin/systemctl", SYSTEMCTL, 0o755)
    plan = bare_metal_plan()
    manifests: dict[str, Any] = {name: plan.manifest(name) for name in SETS}
    for name, manifest in manifests.items():
        own(given / f"{name}.json", json.dumps(manifest))
    bad = dict(manifests["galera"])
    server = next(path for path in bad if path.endswith("/70-mariadb-ha.cnf"))
    bad[server] = {**bad[server], "content": bad[server]["content"] + "no_such_setting = 1\n"}
    own(given / "refused.json", json.dumps(bad))
    own(given / "paths", "\n".join(path for manifest in manifests.values() for path in manifest))
    own(given / "enrol", enrol_script("shop", HOST))
    own(given / "life", LIFE)
    env = {
        **os.environ,
        "LOWER": f"{before}:{image_root()}",
        "UPPER": str(upper),
        "WORK": str(work),
        "MERGED": str(merged),
        "GIVEN": str(given),
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    }
    done = subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-c", SCRIPT],
        capture_output=True,
        text=True,
        env=env,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    parts: dict[str, list[str]] = {}
    for part in done.stdout.split("== ")[1:]:
        title, _, text = part.partition("\n")
        parts.setdefault(title, []).append(text)
    parts["errors"] = [done.stderr]
    return parts, upper, given


def test_the_second_delivery_has_nothing_to_do(life: Any) -> None:
    assert life[0]["again"] == ["nothing to do\n"] * len(SETS)


def test_what_lies_there_is_the_plan_byte_for_byte(life: Any) -> None:
    found = (life[2] / "found").read_text().splitlines()
    seen = {}
    for head, digest in zip(found[::2], found[1::2], strict=True):
        _, _, path, mode, owner, group = head.split()
        seen[path] = (mode, owner, group, digest.split()[0])
    plan = bare_metal_plan()
    wanted = {
        file.path: (file.mode.lstrip("0"), file.owner, file.group, hashlib.sha256(file.content.encode()).hexdigest())
        for file in plan.files
        if file.owner_set in SETS
    }
    assert seen == wanted


def test_mariadb_itself_refuses_a_wrong_setting(life: Any) -> None:
    assert life[0]["refused"] == ["refused: 1\n"]
    assert "no_such_setting" in life[0]["errors"][0]


def test_drift_is_found_and_repaired(life: Any) -> None:
    clean, changed, repaired = (json.loads(text) for text in life[0]["drift"])
    assert clean["files"] == repaired["files"] == []
    assert [(file["path"], file["what"]) for file in changed["files"]] == [
        ("/etc/hosts", ["content"]),
        ("/etc/nftables.conf", ["mode"]),
    ]
    assert "+by hand" in changed["files"][0]["diff"]


def test_packages_that_others_need_stay(life: Any) -> None:
    words = life[0]["withdraw"][0]
    assert "packages: removing 3: ipvsadm keepalived libnl-genl-3-200" in words
    assert "in use: libpam0g" in words


def test_our_firewall_is_gone(life: Any) -> None:
    assert "nft table inet mariadb_ha deleted" in life[0]["withdraw"][0]
    assert "table inet" not in life[0]["withdraw"][0].split("deleted")[1]


def test_the_second_withdrawal_only_says_what_is_kept(life: Any) -> None:
    (line,) = life[0]["withdraw"][1].splitlines()
    assert line.startswith("kept: /var/lib/mysql (")


def test_the_host_is_as_it_was_before(life: Any) -> None:
    """Every path in the overlay's upper folder: unchanged from below, or of somebody else's doing."""
    _, upper, _ = life
    lowers = (upper.parent / "before", Path(image_root()))
    different = []
    for path in sorted(upper.rglob("*")):
        name = str(path.relative_to(upper))
        now = path.lstat()
        if name.startswith(CHANGED) or name in LEFT or belongs_to_removed_package(name):
            continue
        was = next((lower / name for lower in lowers if os.path.lexists(lower / name)), None)
        if stat.S_ISCHR(now.st_mode) and now.st_rdev == 0:
            if was is not None:
                different.append(f"{name}: removed")
        elif was is None:
            different.append(f"{name}: new")
        elif stat.S_ISREG(now.st_mode) and (path.read_bytes() != was.read_bytes() or key(now) != key(was.lstat())):
            different.append(f"{name}: changed")
    assert different == ["var/lib/mariadb-ha: new"], "the label of what is retained, and nothing else"


def key(now: os.stat_result) -> tuple[int, int, int]:
    return now.st_mode, now.st_uid, now.st_gid


def belongs_to_removed_package(name: str) -> bool:
    lists = [
        Path(image_root()) / f"var/lib/dpkg/info/{package}{arch}.list"
        for package in INSTALLED
        for arch in ("", ":amd64")
    ]
    listed = {line for file in lists if file.exists() for line in file.read_text().splitlines()}
    unit = ("keepalived.service", "ipvsadm.service")
    return (
        f"/{name}" in listed
        or f"/{name.removeprefix('usr/')}" in listed
        or name.endswith(unit)
        or Path(name).name in ("ipvsadm", "keepalived")
    )
