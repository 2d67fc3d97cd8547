"""Shares one conversion over its touchpoints. One file a model."""
