"""`hactl drift`: files that are no longer what was delivered, and putting them right."""
