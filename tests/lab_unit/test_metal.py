"""The twin's comparison: what a host's manifest holds, and that a difference is said and an equal host is not."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lab.metal import servers as metal

Commands = Callable[..., dict[str, str]]
SYSTEM = {
    "systemctl": 'echo "$1-of-$2"',
    "dpkg_query": 'echo "installed 1.0 of $4"',
    "ip": r"printf '1: lo    inet %s scope host lo\\\\       valid_lft forever\n' 127.0.0.1/8 172.16.21.188/32",
}


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A host's folders."""
    root = tmp_path / "root"
    content = {
        "/etc/one": "1\n",
        "/etc/two": "2\n",
        "/etc/mariadb-ha/units": "a.service\nb.service\n",
        "/etc/mariadb-ha/packages": "chrony\n",
        "/etc/sysctl.d/60-mariadb-ha-x.conf": "# words = none\n\nnet.ipv4.ip_forward = 1\n-net.not.there=2\n",
        "/etc/sysctl.d/99-other.conf": "kernel.hostname = x\n",
        "/proc/sys/net/ipv4/ip_forward": "1\n",
        "/var/lib/mariadb-ha/sets/plain.json": json.dumps({"/etc/one": {"content": "1\n"}, "/etc/gone": {}}),
        "/var/lib/mariadb-ha/sets/secret.json": json.dumps({"/etc/two": ["restart x"]}),
    }
    for link in ("lo", "all"):
        content |= {
            f"/proc/sys/net/ipv4/conf/{link}/arp_ignore": "1\n",
            f"/proc/sys/net/ipv4/conf/{link}/arp_announce": "2\n",
        }
    for path, text in content.items():
        file = root / path.removeprefix("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root / "etc/one").chmod(0o640)
    return root


def manifest_of(root: Path, env: dict[str, str]) -> dict[str, Any]:
    """As on a host: the program alone, from standard input."""
    program = metal.MANIFEST.replace("host_manifest(),", f"host_manifest({str(root)!r}),")
    done = subprocess.run(
        [sys.executable, "-I", "-"],
        input=program,
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_a_manifest_tells_what_lies_on_the_host_and_what_runs(host: Path, commands: Commands) -> None:
    found = manifest_of(host, commands(**SYSTEM))
    one = {
        "sha256": hashlib.sha256(b"1\n").hexdigest(),
        "mode": "0640",
        "owner": "root",
        "group": "root",
        "set": "plain",
    }
    assert found["files"]["/etc/one"] == one
    assert found["files"]["/etc/two"]["set"] == "secret"
    assert found["files"]["/etc/gone"] == {"sha256": "not there", "set": "plain"}
    assert found["units"]["b.service"] == {"enabled": "is-enabled-of-b.service", "active": "is-active-of-b.service"}
    assert found["packages"] == {"chrony": {"version": "installed 1.0 of chrony"}}
    assert found["sysctls"] == {"net.ipv4.ip_forward": {"value": "1"}, "net.not.there": {"value": "not there"}}
    assert found["lvsdr"]["lo"]["addresses"] == "127.0.0.1/8 scope host lo, 172.16.21.188/32 scope host lo"
    assert found["lvsdr"]["net.ipv4.conf.all.arp_announce"] == {"value": "2"}


def test_twins_do_not_differ(host: Path, commands: Commands) -> None:
    env = commands(**SYSTEM)
    assert metal.compare(manifest_of(host, env), manifest_of(host, env)) == []


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("files", "/etc/one", "sha256"), "x", "file /etc/one: sha256"),
        (("files", "/etc/one", "mode"), "0644", "file /etc/one: mode 0640 on the vm, 0644 on the metal"),
        (("files", "/etc/one", "set"), "galera", "file /etc/one: set plain on the vm, galera on the metal"),
        (
            ("units", "a.service", "active"),
            "failed",
            "unit a.service: active is-active-of-a.service on the vm, failed on the metal",
        ),
        (("packages", "chrony", "version"), "installed 2.0", "package chrony: version"),
        (
            ("sysctls", "net.ipv4.ip_forward", "value"),
            "0",
            "sysctl net.ipv4.ip_forward: value 1 on the vm, 0 on the metal",
        ),
        (("lvsdr", "lo", "addresses"), "", "lvsdr lo: addresses"),
        (
            ("lvsdr", "net.ipv4.conf.lo.arp_ignore", "value"),
            "0",
            "lvsdr net.ipv4.conf.lo.arp_ignore: value 1 on the vm, 0 on the metal",
        ),
    ],
)
def test_a_difference_is_said(
    host: Path, commands: Commands, path: tuple[str, str, str], value: str, words: str
) -> None:
    vm = manifest_of(host, commands(**SYSTEM))
    other = copy.deepcopy(vm)
    other[path[0]][path[1]][path[2]] = value
    (said,) = metal.compare(vm, other)
    assert said.startswith(words)


def test_what_is_on_one_side_only_is_said(host: Path, commands: Commands) -> None:
    vm = manifest_of(host, commands(**SYSTEM))
    other = copy.deepcopy(vm)
    del other["files"]["/etc/two"]
    other["units"]["c.service"] = {"enabled": "enabled", "active": "active"}
    assert metal.compare(vm, other) == ["file /etc/two: only on the vm", "unit c.service: only on the metal"]


def test_only_the_data_volumes_file_may_differ(host: Path, commands: Commands) -> None:
    vm = manifest_of(host, commands(**SYSTEM))
    other = copy.deepcopy(vm)
    vm["files"]["/etc/mariadb-ha/data-disk.env"] = {"sha256": "x", "set": "plain"}
    assert metal.compare(vm, other) == []
    assert list(metal.EXPECTED_FILES) == ["/etc/mariadb-ha/data-disk.env"]


def test_two_empty_hosts_are_no_twins(tmp_path: Path, commands: Commands) -> None:
    empty = manifest_of(tmp_path, commands(**SYSTEM))
    assert len(metal.compare(empty, empty)) == 6


def test_an_expected_content_is_no_excuse_for_its_mode() -> None:
    path = next(iter(metal.EXPECTED_CONTENT))
    file = {"sha256": "a", "mode": "0640", "owner": "root", "group": "mysql", "set": "secret"}
    rest = {"units": {"u": {"enabled": "enabled"}}, "packages": {"p": {"version": "1"}}, "sysctls": {}, "lvsdr": {}}
    assert metal.compare({**rest, "files": {path: file}}, {**rest, "files": {path: {**file, "sha256": "b"}}}) == []
    open_to_all = {**rest, "files": {path: {**file, "mode": "0644"}}}
    assert metal.compare({**rest, "files": {path: file}}, open_to_all) == [
        f"file {path}: mode 0640 on the vm, 0644 on the metal"
    ]
