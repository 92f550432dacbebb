"""The VRRP instances of this host, as keepalived's files have them (50-vrrp-NAME.conf, which the stack lays)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mha_common import at

FOLDER, FILES = "/etc/keepalived/conf.d", "50-vrrp-*.conf"


@dataclass(frozen=True)
class Instance:
    """One `vrrp_instance`. `advert_int` in seconds; `source`: this host's address, empty where VRRP is multicast."""

    name: str
    interface: str
    router_id: int
    advert_int: float
    vips: tuple[str, ...]
    source: str = ""


def _word(key: str, text: str) -> str:
    found = re.search(rf"^\s*{key}\s+(\S+)", text, re.MULTILINE)
    return found[1] if found else ""


def parse_instance(text: str) -> Instance | None:
    """None where the text holds none that is whole."""
    vips = [
        address
        for block in re.findall(r"virtual_ipaddress(?:_excluded)?\s*\{([^}]*)\}", text)
        for address in re.findall(r"^\s*([0-9.]+)/[0-9]+\s", block, re.MULTILINE)
    ]
    router_id, interface = _word("virtual_router_id", text), _word("interface", text)
    if not router_id.isdigit() or not interface or not vips:
        return None
    return Instance(
        name=_word("vrrp_instance", text),
        interface=interface,
        router_id=int(router_id),
        advert_int=float(_word("advert_int", text) or 1),
        vips=tuple(vips),
        source=_word("unicast_src_ip", text),
    )


def instances() -> list[Instance]:
    found = (parse_instance(file.read_text()) for file in sorted(at(FOLDER).glob(FILES)))
    return [one for one in found if one is not None]
