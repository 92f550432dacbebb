"""hactl: day-two operations on a running stack, over SSH and libvirt, from an inventory that `up` wrote."""
