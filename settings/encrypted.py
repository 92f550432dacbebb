"""What stands for a value that the stack file holds encrypted: present, and unknown here."""

from __future__ import annotations

ENCRYPTED = "\0encrypted"
