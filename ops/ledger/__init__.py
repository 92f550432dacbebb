"""`hactl ledger`, and what a drill has of it: numbered writes by many clients, compared with what the nodes hold."""
