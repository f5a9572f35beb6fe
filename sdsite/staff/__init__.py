"""The staff's side of the site: its look, its first page, who of them may do what."""
