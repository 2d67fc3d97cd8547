"""Call logs of other systems: one file a system; `registry.py` tells whose a file is and reads it."""
