"""Figures that a run saw. They are shown at its end and never asserted: a slow day is no failure."""

from __future__ import annotations

from collections.abc import Callable

#: Takes what was measured and the figure in words.
Measure = Callable[[str, str], None]
#: Name of the property by which a figure travels from a worker to the summary.
PROPERTY = "measured"
