"""Two rolls at once: of servers that are taken out at the same time the first in their order goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import drain_flag
from mha_common import Deadline, pause, say

State = Mapping[str, Any]

#: Seconds until every health agent tells of a flag that was just set: it looks once a second.
SEEN = 2.0
#: Seconds in which a later node, which has only just set its flag, has taken it back.
YIELDED = 15.0


class GiveWay(Exception):
    """This node takes clients again until the others are done. `others`: those nodes."""

    def __init__(self, others: list[str]) -> None:
        super().__init__(", ".join(others))
        self.others = others


def settle(
    me: str, order: tuple[str, ...], ask: Callable[[], Mapping[str, State | None]], *, can_give_way: Callable[[], bool]
) -> None:
    """Once this node's own flag is set: see that no other node is out, before anything is waited for or stopped.

    Both have set their flag before they look, so at least one of them sees the other. The later one in `order` gives
    way at once. The earlier one waits for that; one that does not give way in time is past this point: then the earlier
    one does. Raises GiveWay; never where `can_give_way` is false (a server that is down takes no clients anyway).
    """
    pause(SEEN)
    deadline = Deadline(YIELDED)
    while others := [name for name, state in ask().items() if state and state.get("rolling")]:
        earlier = any(order.index(name) < order.index(me) for name in others if name in order)
        if deadline.over() or earlier:
            if can_give_way():
                raise GiveWay(others)
            if deadline.over():
                return
        deadline.note(f"{', '.join(others)} is being taken out too: waiting until it has given way")
        pause(0.5)


def gave_way(found: GiveWay) -> None:
    """Say so."""
    say(f"a roll is at work on {found} too: this node takes clients again until its end")


def took_out(program: str, me: str, order: tuple[str, ...], ask: Callable[[], Mapping[str, State | None]]) -> bool:
    """Sets the flag in the name of `program`. False: another one goes first, and the flag is taken back."""
    drain_flag.take_out(program)
    try:
        settle(me, order, ask, can_give_way=lambda: True)
    except GiveWay as found:
        gave_way(found)
        drain_flag.put_back()
        return False
    return True
