"""The fast door: raw ASGI, its store, its pipelines."""
