"""`hactl status`: what the hosts say, and what is wrong in words."""
