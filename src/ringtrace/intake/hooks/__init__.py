"""Signed messages of other systems: one file a system, `port.py` is what each of them is, `registry.py` has them all."""
