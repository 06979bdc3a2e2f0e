"""Answers of banks and treasury: what each kind of file looks like (profiles), reading it, and applying what it says."""
