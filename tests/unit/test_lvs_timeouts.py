"""IPVS's memory of silent sessions: one set of timeouts for each host."""

from __future__ import annotations

import pytest

from settings import load_stack
from settings.kinds.directors.model import Directors, LvsTimeouts
from settings.kinds.directors.timeout_rules import one_memory_per_host
from tests.unit.settings_config import GOOD


@pytest.mark.parametrize(("tcp", "said"), [(900, 0), (1200, 1)])
def test_two_pairs_of_directors_on_the_same_hosts_have_the_same(tcp: int, said: int) -> None:
    """A program of one's own may have two components on the same hosts."""
    stack = load_stack(GOOD)
    one = stack.only(Directors)
    assert one
    other = one.model_copy(update={"lvs_timeouts": LvsTimeouts(tcp=tcp)})
    both = stack.model_copy(update={"components": {**stack.components, "others": other}})
    problems = list(one_memory_per_host(both, "others", other))
    assert len(problems) == said
    for problem in problems:
        assert problem.key == "others.lvs_timeouts"
        assert "ha1, ha2" in str(problem)
    assert not list(one_memory_per_host(both, "directors", one))
