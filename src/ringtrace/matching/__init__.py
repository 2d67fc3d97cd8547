"""Which visit made this call, how sure we are, and why."""
