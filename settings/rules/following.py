"""Components that follow others, or stand before one that takes writes and one that takes reads: that there is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from settings.problem import Problem, listed, quote
from settings.rules.registry import rule
from settings.stack import Stack


@rule("components")
def something_to_follow(stack: Stack) -> Iterator[Problem]:
    """Who follows, or sends writes on, knows whom, and finds there whoever takes writes."""
    for name, section in stack.components.items():
        if not (section.follows or section.balances):
            continue
        key = f"{name}.{'source_component' if section.follows else 'writes_to'}"
        what = "be followed" if section.follows else "take writes"
        source = stack.source_of(name)
        if source is None:
            nobody = "the replicas would have no data" if section.follows else "writes would lead nowhere"
            yield from _nobody(key, section.source_named(), stack.sources(), what=what, nobody=nobody)
        elif source.vip is None:
            yield Problem(
                source.vip_key,
                f"is missing, and {name} looks there for the server that takes writes",
                "after a change of writers nobody would find the new one",
                f"give {source.component} a VIP of its own, or leave out {name}",
            )


@rule("components")
def something_to_read(stack: Stack) -> Iterator[Problem]:
    """Who sends reads on knows to whom, and they have the data that is written."""
    for name, section in stack.components.items():
        if not section.balances:
            continue
        key, readers, source = f"{name}.reads_from", stack.readers_of(name), stack.source_of(name)
        if readers is None:
            yield from _nobody(
                key, section.readers_named(), stack.all_readers(), what="take reads", nobody="reads would lead nowhere"
            )
        elif source and readers.follows and readers.follows != source.component:
            yield Problem(
                key,
                f"{readers.component} follows {readers.follows}, and writes go to {source.component}",
                "clients would never read what they wrote",
                f"name a component that follows {source.component}, or let writes go to {readers.follows}",
            )


def _nobody(key: str, chosen: str | None, found: Mapping[str, object], *, what: str, nobody: str) -> Iterator[Problem]:
    if chosen is not None:
        yield Problem(
            key,
            f"there is no component {quote(chosen)} that can {what}",
            nobody,
            f"name one of {', '.join(found)}" if found else "write a section for one, such as docs/settings.md shows",
        )
    elif found:
        yield Problem(key, f"is missing, and {listed(list(found))} can all {what}", nobody, "name one of them")
    else:
        yield Problem(
            key,
            f"there is no component that can {what}",
            nobody,
            "write a section for one, such as docs/settings.md shows, or leave this one out",
        )
