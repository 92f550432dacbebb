"""The kind `galera`: a cluster whose nodes all have every commit."""
