"""`hactl rejoin` and `hactl rebuild`: a host that lost its place takes it again."""
