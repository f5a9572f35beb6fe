"""The many-machine form on one machine, for development: `make cluster`."""
