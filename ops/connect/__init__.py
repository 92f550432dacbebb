"""Clients of a stack: which endpoint and account they take, from its outputs."""
