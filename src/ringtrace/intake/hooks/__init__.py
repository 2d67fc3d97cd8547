"""Signed messages of other systems: one file a system, `port.py` says what each is, `registry.py` has them all."""
