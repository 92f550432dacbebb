"""The kind `balancers`: status and faults of haproxy hosts behind a VIP."""
