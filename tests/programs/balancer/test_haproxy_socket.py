"""haproxy's own table: who is sent sessions."""

from __future__ import annotations

import socket
import threading

import haproxy_socket as haproxy

from tests.programs.conftest import Desk

STAT = """# pxname,svname,qcur,scur,status,check_status,bck,
writes,FRONTEND,,3,OPEN,,,
writer,writer,0,3,no check,,0,
writer,BACKEND,0,3,UP,,,
replicas,r1,0,2,UP,L7OK,0,
replicas,r2,0,0,DOWN,L7STS,0,
replicas,writer,0,0,UP 1/2,L7OK,1,
replicas,BACKEND,0,2,UP,,,
masters,db1,0,0,NOLB,L7OKC,0,
"""


def test_servers_and_who_of_them_is_usable() -> None:
    rows = haproxy.servers(STAT)
    assert [(row["pxname"], row["svname"]) for row in rows] == [
        ("writer", "writer"), ("replicas", "r1"), ("replicas", "r2"), ("replicas", "writer"), ("masters", "db1"),
    ]  # fmt: skip
    assert [haproxy.usable(row) for row in rows] == [True, True, False, True, False]


def test_the_socket_is_asked(desk: Desk) -> None:
    path = desk.path("/run/haproxy/admin.sock")
    path.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                assert connection.recv(100) == b"show stat\n"
                connection.sendall(STAT.encode())

        thread = threading.Thread(target=answer)
        thread.start()
        assert len(haproxy.servers(haproxy.ask("/run/haproxy/admin.sock", "show stat"))) == 5
        thread.join()
