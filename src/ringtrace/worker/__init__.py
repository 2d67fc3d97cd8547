"""Loops: drain the journal, match calls, publish facts. The only writer of the ledger's visits and calls."""
