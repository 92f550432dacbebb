"""The kind `web`: status and faults of a web pair."""
