"""A data volume with a file system on it. Bare metal has its data where its owner mounted it."""

from __future__ import annotations

from plan.context import Context
from plan.model import File, Volume
from plan.render import env_file

#: Where a VM has its first disk beside the root disk.
FIRST = "/dev/vdb"


def data_volume(mount: str) -> Volume:
    """The volume for a folder."""
    return Volume(name="data", device=FIRST, mount=mount)


def volume_files(context: Context, host: str, volume: Volume) -> tuple[File, ...]:
    """What tells `data-disk` of the volume; nothing on bare metal."""
    if host not in context.vms:
        return ()
    adopt = "yes" if context.settings.hypervisor.adopt_retained_volumes else "no"
    content = env_file({"DEVICE": volume.device, "MOUNT": volume.mount, "LABEL": "mha-data", "ADOPT": adopt})
    return (File(path="/etc/mariadb-ha/data-disk.env", content=content),)
