"""Writes per quarter of a second around a fault, as bars that fit a terminal or a text file."""

from __future__ import annotations

from collections.abc import Sequence

from ops.ledger.compare import DONE

BARS = "▁▂▃▄▅▆▇█"
#: Least width of a bar, in seconds.
BAR = 0.25


def counts(times: Sequence[float], start: float, end: float, width_s: float = BAR) -> list[int]:
    """How many of the times fall into each interval of `width_s` seconds from `start` on."""
    number = max(int((end - start) / width_s + 0.5), 1)
    counted = [0] * number
    for t in times:
        index = int((t - start) // width_s)
        if 0 <= index < number:
            counted[index] += 1
    return counted


def bars(counted: Sequence[int]) -> str:
    """One character for each count; a dot for none."""
    top = max(counted, default=0)
    return "".join("·" if n == 0 else BARS[min((n * len(BARS) - 1) // top, len(BARS) - 1)] for n in counted)


def plot_gap(
    times: Sequence[float],
    *,
    fault: float,
    gap_start: float,
    gap_end: float,
    begins: str = "fault begins",
    before: float = 4.0,
    width: int = 100,
    noun: str = "write",
) -> list[str]:
    """Lines: the bars, marks below them (the first letter of what begins at `fault`; A: first write after the gap), and
    the scale.

    Times in seconds; `noun`: what is counted.
    """
    start = min(fault, gap_start) - before
    end = max(gap_end + before, start + 10.0)
    width_s = max(BAR, (end - start) / width)
    width_s = -(-width_s // BAR) * BAR  # whole quarters, so that long gaps stay readable too
    counted = counts(times, start, end, width_s)
    marks = [" "] * (len(counted) + 1)
    marks[min(int((gap_end - start) // width_s), len(counted) - 1)] = "A"
    marks[min(int((fault - start) // width_s), len(counted) - 1)] = "F"
    first_after = f"{DONE[noun]} {noun}"
    first, last = start - fault, start + len(counted) * width_s - fault
    return [
        bars(counted),
        "".join(marks).rstrip(),
        f"one bar = {width_s:g} s, highest = {max(counted, default=0)} {noun}s, from {first:+.1f} s to {last:+.1f} s of"
        f" the {begins.split()[0]}",
        f"{begins[0].upper()} {begins}   A first {first_after} after the gap",
    ]
