"""Bank accounts before their first payment: the list of branches, the shapes of account numbers, what is found."""
