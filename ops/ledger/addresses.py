"""The addresses from which clients write, and the endpoint that they write to."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence

from ops.component import Component
from ops.components import components_of
from ops.errors import Exit, OpsError
from ops.inventory import Endpoint, Inventory


def writer(inventory: Inventory, component: Component) -> Endpoint:
    """Where clients of a component write: at those who stand before it, where somebody does.

    Raises:
        OpsError: nowhere.
    """
    return _front(inventory, component.name).get("writer") or _raise(inventory)


def reader(inventory: Inventory, component: Component) -> Endpoint | None:
    """Where its clients read; None where they read where they write."""
    found = _front(inventory, component.name)
    return found["reader"] if found.get("reader") not in (None, found.get("writer")) else None


def _front(inventory: Inventory, name: str) -> Mapping[str, Endpoint]:
    """Endpoints of the component, or of the one that stands before it."""
    for front, entry in inventory.components.items():
        if name in (entry.forwards_to, entry.reads_from) and entry.endpoints:
            return _front(inventory, front)
    return inventory.components[name].endpoints


def _raise(inventory: Inventory) -> Endpoint:
    raise _no_writer(inventory)


def clients_component(inventory: Inventory) -> Component:
    """The component that takes the stack's writes; where none does, one whose pages can be asked for.

    Raises:
        OpsError: there is neither.
    """
    components = components_of(inventory).values()
    wanted = inventory.endpoints.get("writer")
    found = [one for one in components if wanted and one.entry.endpoints.get("writer") == wanted]
    found = found or [one for one in components if one.pages() is not None]
    if not found:
        raise _no_writer(inventory)
    return found[-1]


def _no_writer(inventory: Inventory) -> OpsError:
    words = f"stack {inventory.stack} has no VIP that clients could write through, and no pages that they could ask for"
    todo = "use a stack that has the endpoint `writer` or `web`; `hactl status` shows who serves in this one"
    return OpsError(words, todo, Exit.REFUSED)


def check_addresses(addresses: Sequence[str]) -> None:
    """Refuses client addresses that no interface of this machine has.

    Raises:
        OpsError: one that cannot be used, by name.
    """
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((address, 0))
            except OSError as error:
                raise OpsError(
                    f"client address {address} cannot be used here ({error.strerror})",
                    "run `make up` again: it puts the lab's client addresses in place; elsewhere correct"
                    " access.json's client_addresses",
                    Exit.REFUSED,
                ) from None
