"""Faults of a master-master pair with a VIP of its own."""

from __future__ import annotations

from ops.component import FaultKind, Scripted

WRITER_STOP = FaultKind(name="writer-stop", role="writer", host_words="writer", kills=False)
WRITER_KILL = FaultKind(name="writer-kill", role="writer", host_words="writer", kills=True)
WRITER_HANG = FaultKind(name="writer-hang", role="writer", host_words="writer", kills=False)
STANDBY_KILL = FaultKind(name="standby-kill", role="standby", host_words="stand-by", kills=True)
LINK_CUT = FaultKind(name="link-cut", role="writer", host_words="writer", kills=False)
FAULTS = (WRITER_STOP, WRITER_KILL, WRITER_HANG, STANDBY_KILL, LINK_CUT)


def hang(host: str) -> Scripted:
    """A server that stands still: SIGSTOP. The promoter may kill it meanwhile; then there is nothing to wake."""
    wake = "pkill -CONT -x mariadbd || true; systemctl start --no-block mariadb"
    return Scripted(
        words=f"mariadbd on {host} stands still (SIGSTOP)",
        by_hand=f"wake mariadbd on {host} (pkill -CONT mariadbd), or start it",
        make="pkill -STOP -x mariadbd",
        undo=wake,
    )


#: A cable that is cut: nothing goes in or out of the host but SSH of others than the pair's, by which it is repaired.
CUT = """table inet mariadb_ha_drill {{
  chain in {{
    type filter hook prerouting priority -400; policy accept;
    iif lo accept
    ip saddr != {peer} tcp dport {port} accept
    drop
  }}
  chain out {{
    type filter hook output priority -400; policy accept;
    oif lo accept
    ip daddr != {peer} tcp sport {port} accept
    drop
  }}
}}
table arp mariadb_ha_drill {{
  chain in {{ type filter hook input priority 0; policy accept; arp daddr ip {{ {vips} }} drop; }}
  chain out {{ type filter hook output priority 0; policy accept; arp saddr ip {{ {vips} }} drop; }}
}}
"""


def cut(host: str, *, peer: str, vips: tuple[str, ...], ssh_port: int, fencing: bool) -> Scripted:
    """All links of one host but the administrator's. Its address stays, and so does what it believes: it still holds
    the VIP.
    """
    rules = CUT.format(peer=peer, port=ssh_port, vips=", ".join(vips))
    mend = "for each in inet arp; do nft delete table $each mariadb_ha_drill 2>/dev/null; done; true"
    return Scripted(
        words=f"links of {host} cut",
        by_hand=f"mend the links of {host} (nft delete table inet mariadb_ha_drill, and table arp)",
        make=f"nft -f - <<'HACTL'\n{rules}HACTL\n",
        undo=mend,
        ends_in_power_off=fencing,
    )
