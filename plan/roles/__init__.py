"""What one host carries for a component: packages, files, units of one role."""
