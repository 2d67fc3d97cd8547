"""What people fill in. A form checks; the actions write."""
