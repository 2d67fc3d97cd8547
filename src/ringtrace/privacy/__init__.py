"""What may be kept, what is pseudonymised, what is forgotten and when."""
