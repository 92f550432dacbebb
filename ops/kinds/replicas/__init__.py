"""The kind `replicas`: status, faults and ledger of servers that follow another component's."""
