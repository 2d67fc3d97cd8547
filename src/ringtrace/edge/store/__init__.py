"""The edge's store: leases and the journal, behind one protocol."""
