"""The two formats that cross between processes: the directory (web to edge), the journal (edge to worker)."""
