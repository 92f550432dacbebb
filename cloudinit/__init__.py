"""What a VM's first boot reads, and the text and programs that lie on servers."""
