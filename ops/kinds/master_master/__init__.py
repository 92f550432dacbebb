"""The kind `master_master`: status, faults and ledger of a master-master pair."""
