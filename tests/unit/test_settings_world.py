"""What settings ask of the world: the hypervisor, the image, the secret's file."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import SettingsError, check_config, load_stack, read_stack_secret
from settings import reach as reach_module
from tests.unit.settings_config import GONE, changed, metal

SECRET = "q8Zr3vLw1Xo7Tn5Ys9Kc2Bd4Hf6Jg0Mp"


@pytest.fixture
def tcp() -> Iterator[int]:
    """A port of the loopback on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("transport", ["tcp", "tls", "ssh"])
def test_a_hypervisor_that_answers(transport: str, tcp: int) -> None:
    assert check_config(changed({"hypervisor.uri": f"qemu+{transport}://127.0.0.1:{tcp}/system"})) == []


def test_a_socket_that_answers(tmp_path: Path) -> None:
    path = tmp_path / "libvirt-sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        assert check_config(changed({"hypervisor.uri": f"qemu+unix:///system?socket={path}"})) == []
    [message] = check_config(changed({"hypervisor.uri": f"qemu+unix:///system?socket={path}"}))
    assert message.startswith("hypervisor.uri: ")
    assert str(path) in message
    assert "make up" in message


def test_the_default_uri_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> str:
        raise AssertionError("connected although no URI was given")

    monkeypatch.setattr(reach_module, "_connect", forbidden)
    assert check_config(changed({"hypervisor.domain_type": "qemu"})) == []


def test_without_vms_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> str:
        raise AssertionError("connected although there is no VM")

    monkeypatch.setattr(reach_module, "_connect", forbidden)
    hosts = metal("ha1", "ha2", "mdb1", "mdb2", "mdb3")
    assert (
        check_config(
            changed({**hosts, "hypervisor": {"uri": "qemu+tcp://127.0.0.1:1/system", "image": "no/such.qcow2"}})
        )
        == []
    )


def test_loading_asks_nobody() -> None:
    assert load_stack(changed({"hypervisor.uri": "qemu+tcp://127.0.0.1:1/system", "hypervisor.image": "no/such.qcow2"}))


def test_an_image_that_is_there(tmp_path: Path) -> None:
    image = tmp_path / "debian.qcow2"
    image.write_bytes(b"QFI\xfb")
    assert check_config(changed({"hypervisor.image": str(image)})) == []
    assert check_config(changed({"hypervisor.image": f"file://{image}"})) == []
    image.unlink()
    assert check_config(changed({"hypervisor.image": f"file://{image}"}))[0].startswith("hypervisor.image: ")


def test_the_secret_itself_comes_first(tmp_path: Path) -> None:
    assert read_stack_secret(load_stack(changed({})), tmp_path) == SECRET


def test_the_secret_from_a_file(tmp_path: Path) -> None:
    stack = load_stack(changed({"stack_secret": GONE, "stack_secret_file": "secret"}))
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    assert read_stack_secret(stack, tmp_path) == SECRET


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "is not there"), (b"short-content", "13 characters"), (b"\xff" * 40, "not text"), (b"", "0 characters")],
    ids=["missing", "short", "binary", "empty"],
)
def test_a_file_that_holds_no_secret(tmp_path: Path, content: bytes | None, words: str) -> None:
    stack = load_stack(changed({"stack_secret": GONE, "stack_secret_file": "secret"}))
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    with pytest.raises(SettingsError) as raised:
        read_stack_secret(stack, tmp_path)
    assert str(raised.value).startswith("stack_secret_file: ")
    assert words in str(raised.value)
    assert "short-content" not in str(raised.value)


def test_a_folder_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        read_stack_secret(load_stack(changed({"stack_secret": GONE, "stack_secret_file": "secret"})), tmp_path)
