"""Two hosts whose data went apart: one side is saved and discarded."""
