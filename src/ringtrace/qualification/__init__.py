"""What counts: conditions on calls as data, the same in Python and in SQL."""
