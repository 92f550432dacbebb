"""`hactl verify`: copies are compared while they are in use."""
