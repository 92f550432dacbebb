"""`python -m ops` is `hactl`."""

from ops.cli import main

main()
