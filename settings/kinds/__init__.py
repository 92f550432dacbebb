"""The registry of kinds, as far as settings go: one line for each.

The order is that of the reference and of outputs.
"""

from __future__ import annotations

from settings.kinds.balancers.model import Balancers
from settings.kinds.directors.model import Directors
from settings.kinds.drbd.model import Drbd
from settings.kinds.galera.model import Galera
from settings.kinds.master_master.model import MasterMaster
from settings.kinds.replicas.model import Replicas
from settings.kinds.web.model import Web
from settings.section import Section

KINDS: dict[str, type[Section]] = {}


def register(model: type[Section]) -> None:
    """Make a kind known to the settings. Raises ValueError for a name that is taken."""
    if KINDS.setdefault(model.kind, model) is not model:
        raise ValueError(f"there is a kind {model.kind} already")


register(Galera)
register(MasterMaster)
register(Replicas)
register(Balancers)
register(Drbd)
register(Directors)
register(Web)
