"""What is judged of a host, by theme.

Each rule takes a `Candidate` and yields the problems that it sees; nothing here asks a host.
"""
