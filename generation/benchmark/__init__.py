"""What a picture costs in time and memory, measured on this machine."""
