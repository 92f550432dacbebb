"""Parts that several kinds have in common: what hosts say of them, what is wrong with them, and how they are shown."""
