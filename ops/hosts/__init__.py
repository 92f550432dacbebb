"""Reaching the stack's hosts, and what they say of themselves."""
