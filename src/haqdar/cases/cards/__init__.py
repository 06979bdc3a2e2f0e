"""Household cards: what they say (`content`), the code that is checked without network (`claim`, `keys`), issuing and printing."""
