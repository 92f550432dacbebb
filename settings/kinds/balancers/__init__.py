"""The kind `balancers`: haproxy behind a VIP, one port for writes and one for reads."""
