"""What a change does to a stack, from the plans of two revisions alone."""
