"""What the parts can do, measured beside something else in the same run: `python -m benchmarks [NAME ...]`."""
