"""Which number to show to whom, and for how long."""
