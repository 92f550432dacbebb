"""Witnesses: addresses of nobody's, such as the gateway's, that tell a host whose own cable is cut from one that lost
the other host. Asked by ICMP echo (RFC 792).
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import threading
import time

#: Seconds between two questions, and for one answer. A witness that never answered says nothing.
PERIOD, ANSWER = 0.2, 0.2
#: Both fell silent together where it was within this many times peer_timeout.
TOGETHER = 2.0


def checksum(data: bytes) -> int:
    """RFC 1071."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo_request(identity: int, number: int) -> bytes:
    """Type 8, code 0, eight bytes of nothing."""
    body = bytes(8)
    sum_of = checksum(struct.pack("!BBHHH", 8, 0, 0, identity, number) + body)
    return struct.pack("!BBHHH", 8, 0, sum_of, identity, number) + body


def is_reply(packet: bytes, identity: int) -> bool:
    """An answer to us: type 0, behind an IPv4 header."""
    head = (packet[0] & 0x0F) * 4 if packet else 0
    if len(packet) < head + 8:
        return False
    kind, _, _, theirs, _ = struct.unpack("!BBHHH", packet[head : head + 8])
    return (kind, theirs) == (0, identity)


class Witness:
    """Asks all of them in a thread of its own; one that answers suffices."""

    def __init__(self, addresses: tuple[str, ...], patience: float) -> None:
        self.addresses, self.patience = addresses, patience
        self.met, self.answered_at = False, float("-inf")
        self.identity = os.getpid() & 0xFFFF

    def start(self) -> None:
        if self.addresses:
            threading.Thread(target=self.work, daemon=True, name="witness").start()

    def cut_off(self, peer_heard_at: float, *, active: bool) -> str:
        """Why this host is itself the one that is cut off, where the other host is silent; empty where it is not, or
        that is not known. A host that takes writes is so only where both fell silent together: the loss of a witness
        alone, long after the other host's, is no reason to stop.
        """
        now = time.monotonic()
        if not self.met or now - self.answered_at < self.patience / 2:
            return ""
        if active and abs(self.answered_at - peer_heard_at) > TOGETHER * self.patience:
            return ""
        return f"neither the other host nor {' or '.join(self.addresses)} answers: this host itself is cut off"

    def work(self) -> None:
        number = 0
        while True:
            began, number = time.monotonic(), (number + 1) & 0xFFFF
            try:
                with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as asks:
                    asks.setblocking(False)
                    for address in self.addresses:
                        with contextlib.suppress(OSError):  # no route, no cable
                            asks.sendto(echo_request(self.identity, number), (address, 0))
                    self.listen(asks, began + ANSWER)
            except OSError:
                pass
            time.sleep(max(0.0, began + PERIOD - time.monotonic()))

    def listen(self, asks: socket.socket, end: float) -> None:
        """Until one of them answers. Raises OSError."""
        while (left := end - time.monotonic()) > 0 and select.select([asks], [], [], left)[0]:
            packet, (address, _) = asks.recvfrom(2048)
            if address in self.addresses and is_reply(packet, self.identity):
                self.met, self.answered_at = True, time.monotonic()
                return
