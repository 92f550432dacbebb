"""What is judged of a host, by theme. Each rule takes a `Sight` and yields the problems that it sees; nothing here asks a host."""
