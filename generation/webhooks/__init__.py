"""What becomes of a generation, told to a server of its owner's: signed, tried again, and never to an inner address."""
