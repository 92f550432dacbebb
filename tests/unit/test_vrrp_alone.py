"""Who holds a VIP, by the real keepalived of the guest's root directory in a network of its own: a host that nobody can
hear never does, and one that is reloaded with a further VIP still hears the other.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plan import make_plan
from tests.conftest import make_context
from tests.image_root import image_root

VIP, READER = "172.16.21.188", "172.16.21.189"
#: Patience (s) with a busy machine.
PATIENCE = 60.0


class Director:
    """keepalived of one host in a network namespace."""

    def __init__(self, name: str, folder: Path, merged: Path, namespace: str) -> None:
        self.name, self.folder, self.merged, self.namespace = name, folder, merged, namespace
        self.log = folder / "log"
        folder.mkdir(parents=True)
        self.process: subprocess.Popen[bytes] | None = None

    def configure(self, **changes: object) -> None:
        plan = make_plan(make_context(changes))
        files = {file.path: file.content for file in plan.hosts[self.name].files}
        text = files["/etc/keepalived/keepalived.conf"].replace("include /etc/keepalived/conf.d/*.conf", "")
        instance = files["/etc/keepalived/conf.d/50-vrrp-directors.conf"]
        (self.merged / f"tmp/{self.name}.conf").write_text(text + instance)

    def ip(self, *words: str) -> str:
        return run("ip", "netns", "exec", self.namespace, "ip", *words)

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *("ip", "netns", "exec", self.namespace, "chroot", str(self.merged)),
                    *("keepalived", "-n", "-l", "-D", "-P", "-f", f"/tmp/{self.name}.conf"),
                    *("-p", f"/tmp/{self.name}.pid", "-r", f"/tmp/{self.name}.vrrp.pid"),
                ],
                stdout=log,
                stderr=log,
            )

    def reload(self) -> None:
        pid = (self.merged / f"tmp/{self.name}.pid").read_text().strip()
        run("kill", "-HUP", pid)

    def words(self) -> str:
        return self.log.read_text(errors="replace")

    def holds(self, vip: str = VIP) -> bool:
        return f" {vip}/24" in self.ip("-4", "addr", "show", "dev", "eth0")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=PATIENCE)


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def until(what: Callable[[], bool], *directors: Director) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "\n".join(director.words() for director in directors)
        time.sleep(0.1)


@contextmanager
def link(folder: Path) -> Iterator[tuple[Director, Director]]:
    """ha1 and ha2 on one cable, each with its own address."""
    merged, own = folder / "merged", f"mha-test-{time.monotonic_ns()}"
    for name in ("merged", "upper", "work"):
        (folder / name).mkdir()
    options = f"lowerdir={image_root()},upperdir={folder}/upper,workdir={folder}/work"
    run("mount", "-t", "overlay", "overlay", "-o", options, str(merged))
    names = (f"{own}-1", f"{own}-2")
    directors = tuple(
        Director(name, folder / name, merged, namespace) for name, namespace in zip(("ha1", "ha2"), names, strict=True)
    )
    try:
        run("mount", "--bind", "/dev", str(merged / "dev"))
        run("mount", "-t", "proc", "proc", str(merged / "proc"))
        for namespace in names:
            run("ip", "netns", "add", namespace)
        run("ip", "-n", names[0], "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", names[1])
        for namespace, address in zip(names, ("172.16.21.201", "172.16.21.202"), strict=True):
            run("ip", "-n", namespace, "link", "set", "lo", "up")
            run("ip", "-n", namespace, "link", "set", "eth0", "up")
            run("ip", "-n", namespace, "addr", "add", f"{address}/24", "dev", "eth0")
        yield directors[0], directors[1]
    finally:
        for director in directors:
            director.stop()
        for namespace in names:
            subprocess.run(["ip", "netns", "del", namespace], check=False, capture_output=True)
        for place in ("dev", "proc", ""):
            subprocess.run(["umount", "--lazy", str(merged / place)], check=False, capture_output=True)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Director, Director]]:
    with link(tmp_path) as directors:
        yield directors


@pytest.mark.parametrize("unicast", [True, False])
def test_without_its_own_address_it_gives_the_vip_up(pair: tuple[Director, Director], unicast: bool) -> None:
    one, _ = pair
    one.configure(directors={"unicast": unicast})
    one.start()
    until(one.holds, one)
    one.ip("addr", "del", "172.16.21.201/24", "dev", "eth0")
    until(lambda: not one.holds() and "Entering FAULT STATE" in one.words(), one)
    one.ip("addr", "add", "172.16.21.201/24", "dev", "eth0")
    until(one.holds, one)


def test_one_whose_address_is_gone_does_not_take_it(pair: tuple[Director, Director]) -> None:
    """The other one holds it: this one, of higher priority, hears nobody and could be heard by nobody."""
    one, two = pair
    for director in pair:
        director.configure()
    one.ip("addr", "del", "172.16.21.201/24", "dev", "eth0")
    two.start()
    one.start()
    until(two.holds, *pair)
    until(lambda: "FAULT" in one.words(), *pair)
    assert "Entering MASTER STATE" not in one.words()
    assert not one.holds()


def test_it_is_started_once_its_address_is_there(pair: tuple[Director, Director], tmp_path: Path) -> None:
    """keepalived that is started without it would stay in FAULT: its unit waits (ExecStartPre)."""
    one, _ = pair
    one.configure()
    files = {file.path: file.content for file in make_plan(make_context()).hosts["ha1"].files}
    dropin = files["/etc/systemd/system/keepalived.service.d/mariadb-ha-own-address.conf"]
    program, *words = dropin.partition("ExecStartPre=")[2].splitlines()[0].split()
    waits = tmp_path / "own-address"
    waits.write_text(files[program])
    one.ip("addr", "del", "172.16.21.201/24", "dev", "eth0")
    before = subprocess.Popen(["ip", "netns", "exec", one.namespace, "sh", str(waits), *words])
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            before.wait(timeout=1.5)
        one.ip("addr", "add", "172.16.21.201/24", "dev", "eth0")
        assert before.wait(timeout=PATIENCE) == 0
    finally:
        before.kill()
        before.wait()
    one.start()
    until(one.holds, one)


def test_a_link_that_is_down_does_not_take_it(pair: tuple[Director, Director]) -> None:
    one, _ = pair
    one.configure()
    one.start()
    until(one.holds, one)
    one.ip("link", "set", "eth0", "down")
    until(lambda: "Entering FAULT STATE" in one.words(), one)
    until(lambda: not one.holds(), one)


def test_a_further_vip_by_one_reload_after_the_other(pair: tuple[Director, Director]) -> None:
    """The stand-by first, as the roll does it: it still takes the other's adverts, and never claims the VIP."""
    one, two = pair
    slow = {"profile": "wan"}  # on a busy machine adverts are late; with the timers of `lan` that is a lost director
    for director in pair:
        director.configure(timers=slow)
        director.start()
        until(one.holds, *pair)
    until(lambda: "Entering BACKUP STATE" in two.words(), *pair)
    before = len(two.words())
    two.configure(timers=slow, directors={"reader": {"vip": READER}})
    two.reload()
    until(lambda: "Reloading" in two.words()[before:], two)
    time.sleep(5)
    assert not two.holds(), two.words()
    one.configure(timers=slow, directors={"reader": {"vip": READER}})
    one.reload()
    until(lambda: one.holds(READER), *pair)
    assert not two.holds()
    assert not two.holds(READER)
    assert "Entering MASTER STATE" not in two.words()[before:]


def test_without_preemption_it_stays_where_it_is(pair: tuple[Director, Director]) -> None:
    """Whoever is started later, and in whichever order they come back."""
    one, two = pair
    for director in pair:
        director.configure(directors={"preempt": False})
    for first, second in ((one, two), (two, one)):
        first.start()
        until(first.holds, *pair)
        second.start()
        until(lambda second=second: "Entering BACKUP STATE" in second.words(), *pair)  # type: ignore[misc]
        time.sleep(3)
        assert first.holds()
        assert not second.holds()
        # The holder is booted anew: the other one takes the VIP, and keeps it when the first is back.
        first.stop()
        until(second.holds, *pair)
        first.start()
        until(lambda first=first: "Entering BACKUP STATE" in first.words(), *pair)  # type: ignore[misc]
        time.sleep(3)
        assert second.holds()
        assert not first.holds()
        for director in pair:
            director.stop()
