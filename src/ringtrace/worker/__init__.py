"""Loops: drain the journal, match calls, publish facts."""
