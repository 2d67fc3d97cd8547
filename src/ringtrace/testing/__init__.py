"""Fakes, factories, a pytest plugin."""
