"""An ear on a link: who says that a VIP is his (ARP, RFC 826), and who speaks a virtual router id (VRRP, RFC 5798).

Packet sockets (packet(7)) hear what the firewall drops. The kernel collects while this program does something else.
"""

from __future__ import annotations

import array
import socket
import struct
from collections.abc import Iterator, Sequence

ETH_P_IP, ETH_P_ARP = 0x0800, 0x0806
IPPROTO_VRRP = 112
BROADCAST, VRRP_GROUP = b"\xff" * 6, bytes.fromhex("01005e000012")
ADVERTISEMENT = 1
#: packet(7) and socket(7); Python has no names for them.
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_MULTICAST, SO_ATTACH_FILTER = 263, 1, 0, 26
#: Load byte 9 of the IP header (the protocol); VRRP: the whole packet, else nothing (Linux socket filter).
_FILTER = ((0x30, 0, 0, 9), (0x15, 0, 1, IPPROTO_VRRP), (0x06, 0, 0, 0xFFFF), (0x06, 0, 0, 0))
_ARP = struct.Struct("!HHBBH6s4s6s4s")


def _said(ear: socket.socket) -> Iterator[bytes]:
    """What has been heard since, without what this host sent itself."""
    ear.setblocking(False)
    while True:
        try:
            data, where = ear.recvfrom(2048)
        except OSError:  # nothing more; or the link is down
            return
        if where[2] != socket.PACKET_OUTGOING:
            yield data


class ArpEar:
    """Asks who has some addresses, as any host that wants to talk to them does."""

    def __init__(self, interface: str, own: str, wanted: Sequence[str]) -> None:
        """Raises OSError."""
        self.wanted = {socket.inet_aton(address): address for address in wanted}
        self.ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ARP))
        self.ear.bind((interface, ETH_P_ARP))
        mac = self.ear.getsockname()[4]
        for address in self.wanted:
            question = _ARP.pack(1, ETH_P_IP, 6, 4, 1, mac, socket.inet_aton(own), bytes(6), address)
            self.ear.sendto(question, (interface, ETH_P_ARP, 0, 1, BROADCAST))

    def answers(self) -> dict[str, list[str]]:
        """By address the MAC addresses that claimed it so far."""
        found: dict[str, set[str]] = {}
        for data in _said(self.ear):
            if len(data) < _ARP.size:
                continue
            *_, mac, address, _, _ = _ARP.unpack_from(data)
            if address in self.wanted:
                found.setdefault(self.wanted[address], set()).add(mac.hex(":"))
        return {address: sorted(macs) for address, macs in found.items()}


class VrrpEar:
    """Hears adverts, those to VRRP's group included."""

    def __init__(self, interface: str) -> None:
        """Raises OSError."""
        self.ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)  # hears nothing before it is bound
        code = array.array("B", b"".join(struct.pack("HBBI", *line) for line in _FILTER))
        program = struct.pack("HL", len(_FILTER), code.buffer_info()[0])
        self.ear.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
        self.ear.bind((interface, ETH_P_IP))
        member = struct.pack("iHH8s", socket.if_nametoindex(interface), PACKET_MR_MULTICAST, 6, VRRP_GROUP)
        self.ear.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, member)

    def adverts(self) -> set[tuple[int, str, int]]:
        """(virtual router id, source address, priority) of the adverts so far."""
        found = set()
        for data in _said(self.ear):
            start = (data[0] & 0x0F) * 4
            if len(data) >= start + 8 and data[start] & 0x0F == ADVERTISEMENT:
                found.add((data[start + 1], socket.inet_ntoa(data[12:16]), data[start + 2]))
        return found
