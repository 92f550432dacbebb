"""`make up` and `make down`: a stack in the lab from nothing, with visible progress, interruptible at any point."""
