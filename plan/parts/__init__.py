"""What several roles share: a VIP held by VRRP, a MariaDB server with its accounts, a data volume, the health agent."""
