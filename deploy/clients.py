"""Client addresses in the lab: LVS keeps a client address with its server, so drills write from several."""

from __future__ import annotations

import json
import subprocess
from ipaddress import IPv4Address

from deploy.errors import DeployError
from plan.context import Context

#: How many client addresses drills get.
COUNT = 6


def choose(context: Context) -> list[str]:
    """Free addresses of the link, from its tenth on."""
    network = context.settings.network
    taken = {entry.address for entry in context.settings.hosts.values()} | {IPv4Address(vip) for vip in context.vips}
    if network.gateway:
        taken.add(network.gateway)
    free = [address for address in network.cidr.hosts() if address not in taken]
    start = 9 if len(free) > COUNT + 9 else 0
    return [str(address) for address in free[start : start + COUNT]]


def add(context: Context) -> list[str]:
    """Puts the client addresses on the lab's bridge (runs inside the lab's namespace). Gives them.

    Raises:
        DeployError: no interface of the lab has the gateway's address.
    """
    gateway = str(context.settings.network.gateway)
    links = json.loads(subprocess.run(["ip", "-j", "-4", "addr"], capture_output=True, text=True, check=True).stdout)
    for link in links:
        present = {entry["local"] for entry in link["addr_info"]}
        if gateway in present:
            chosen = choose(context)
            for address in chosen:
                if address not in present:
                    prefix = context.settings.network.cidr.prefixlen
                    subprocess.run(["ip", "addr", "add", f"{address}/{prefix}", "dev", link["ifname"]], check=True)
            return chosen
    raise DeployError(
        f"network.gateway: no interface of the lab has {gateway}, so clients cannot reach the stack. Is "
        "`network.bridge` set? The lab makes its own network."
    )
