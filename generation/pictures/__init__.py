"""Pictures as files: strangers' files to pixels, pixels to bytes, and where those lie."""
