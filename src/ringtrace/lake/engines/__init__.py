"""Engines: one port, a file an engine. They run SQL text over tables that are given as lists of files."""
