"""Ringtrace: open, self-hosted call attribution."""

__version__ = "0.1.0"
