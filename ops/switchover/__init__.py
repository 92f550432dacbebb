"""`hactl switchover`: a planned change of the host that serves."""
