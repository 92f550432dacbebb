"""What a program in another language hands over becomes what a stack file holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.wrapped import unwrapped
from settings import SettingsError


def among_outputs(make: Callable[[], Any]) -> Any:
    """Unwraps what `make` gives where a provider does: inside of a running loop, once the values have come."""

    async def run() -> Any:
        made = make()
        for _ in range(10):
            await asyncio.sleep(0)
        return unwrapped(made, "hosts")

    return asyncio.run(run())


def test_numbers_are_whole_again_and_lists_stay() -> None:
    assert unwrapped({"id": 51.0, "advert_int": 0.3, "on": True, "members": ["b", "a"]}, "vrrp") == {
        "advert_int": 0.3,
        "id": 51,
        "members": ["b", "a"],
        "on": True,
    }
    assert isinstance(unwrapped(51.0, "x"), int)


def test_mappings_are_in_one_order_whatever_way_they_came() -> None:
    assert list(unwrapped({"db2": {}, "db1": {}}, "members")) == list(unwrapped({"db1": {}, "db2": {}}, "members"))


def test_a_secret_is_what_is_inside_of_it() -> None:
    assert among_outputs(lambda: {"db1": {"password": pulumi.Output.secret("open")}}) == {"db1": {"password": "open"}}


@pytest.mark.parametrize(
    "unknown", [lambda: pulumi.output.UNKNOWN, lambda: pulumi.Output.from_input(pulumi.output.UNKNOWN)]
)
def test_what_is_not_known_yet_is_refused_with_its_key(unknown: Callable[[], Any]) -> None:
    with pytest.raises(SettingsError, match=r"^hosts\.db1\.address: is not known yet\."):
        among_outputs(lambda: {"db1": {"address": unknown()}})
