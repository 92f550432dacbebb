"""A copy of the data: who gets one, and what an interrupted one leaves."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import clone_take as take
import clone_talk as talk
import pytest

from tests.programs.conftest import PROGRAMS, Desk


def test_only_who_knows_the_password_proves_it() -> None:
    assert talk.proven("right", "nonce", talk.answer("right", "nonce"))
    assert not talk.proven("right", "nonce", talk.answer("wrong", "nonce"))
    assert not talk.proven("right", "other", talk.answer("right", "nonce"))


def give(desk: Desk, said: str) -> tuple[str, str]:
    """clone-give's answer to one line, and its words to the journal."""
    process = subprocess.Popen(
        [sys.executable, str(PROGRAMS / "clone-give")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=desk.env, text=True,
    )  # fmt: skip
    assert process.stdout
    nonce = process.stdout.readline().strip()
    out, err = process.communicate(said.replace("ANSWER", talk.answer("secret", nonce)) + "\n", timeout=30)
    return out, err


def test_a_wrong_password_gets_nothing(desk: Desk) -> None:
    desk.write("/etc/mariadb-ha/clone.secret", "secret\n", 0o600)
    desk.fake("mariadb-backup", "echo data")
    out, err = give(desk, "0123 any")
    assert out == "NO: the password is another one\n"
    assert "refused" in err
    assert not any(call.startswith("mariadb-backup") for call in desk.calls)


def test_a_server_that_does_not_answer_says_so(desk: Desk) -> None:
    desk.write("/etc/mariadb-ha/clone.secret", "secret\n", 0o600)
    out, _ = give(desk, "ANSWER any")
    assert out.startswith("NO: MariaDB does not answer here")


def giver(words: bytes) -> tuple[int, threading.Thread]:
    """A giver that says these words after it has been answered; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener, listener.accept()[0] as connection:
            connection.sendall(b"nonce\n")
            connection.recv(1000)
            connection.sendall(words)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return listener.getsockname()[1], thread


def test_who_gives_nothing_is_named_with_the_reason(tmp_path: Path) -> None:
    port, _ = giver(b"NO: this server takes writes\n")
    with pytest.raises(ValueError, match="takes writes"):
        take.ask("127.0.0.1", port, "secret", talk.STANDBY)
    with pytest.raises(take.Failure, match="nobody gives a copy of the data"):
        take.receive(tmp_path, {"db1": "127.0.0.1"}, port, "secret")


def test_a_copy_that_ends_early_is_not_taken(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{desk.bin}:{os.environ['PATH']}")
    desk.fake("mbstream", "cat >/dev/null")
    port, _ = giver(b"OK\nhalf of it")
    with pytest.raises(take.Failure, match="did not come whole"):
        take.receive(tmp_path, {"db1": "127.0.0.1"}, port, "secret")


def test_the_position_is_the_third_word(tmp_path: Path) -> None:
    (tmp_path / "xtrabackup_binlog_info").write_text("mariadb-bin.000004\t1234\t0-1-77\n")
    assert take.position_of(tmp_path) == "0-1-77"


@pytest.mark.parametrize("moved", [0, 1])
def test_a_swap_that_was_cut_short_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: int) -> None:
    """Whatever had been moved by then, nothing of the copy is lost and nothing of the old is left."""
    monkeypatch.setattr(take.pwd, "getpwnam", lambda _: os_user())
    copy = tmp_path / take.COPY
    (copy / "mysql").mkdir(parents=True)
    (copy / "ibdata1").write_text("new")
    (copy / take.POSITION).write_text("0-1-77\n")
    (tmp_path / "lost+found").mkdir()
    if moved:
        (copy / "ibdata1").rename(tmp_path / "ibdata1")
        (tmp_path / take.SWAPPING).write_text(take.FILLING + "\n")
    else:
        (tmp_path / "ibdata1").write_text("old")
        (tmp_path / "old").mkdir()
        (tmp_path / take.SWAPPING).write_text(take.EMPTYING + "\n")
    take.swap(tmp_path)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [take.POSITION, "ibdata1", "lost+found", "mysql"]
    assert (tmp_path / "ibdata1").read_text() == "new"


def os_user() -> object:
    """This test's own user, in the place of mysql."""
    import pwd

    return pwd.struct_passwd(("mysql", "x", os.getuid(), os.getgid(), "", "", ""))
