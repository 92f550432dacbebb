"""The kind `drbd`: status, faults and ledger of a DRBD pair."""
