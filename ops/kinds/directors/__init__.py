"""The kind `directors`: a pair that holds the VIPs and forwards clients to real servers through LVS."""
