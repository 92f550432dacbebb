"""Before `pulumi up` touches a bare-metal host: what would go wrong there, for all hosts at once, read-only.

One way in: `check_hosts`.
"""

from preflight.check import check_hosts

__all__ = ["check_hosts"]
