"""Settings that several kinds share: a VIP held by VRRP, a MariaDB server, health checks."""
