"""A simulated town whose truth we know."""
