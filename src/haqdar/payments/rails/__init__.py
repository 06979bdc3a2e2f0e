"""How money leaves the house: profiles of files as data, one engine that writes them, envelopes, and the hand-over."""
