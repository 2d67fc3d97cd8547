"""How the pages write values for people."""
