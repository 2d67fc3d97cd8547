"""A runner for each peer, in a venv of the peers' own: reads the raw touch table, prints one line of JSON.

    .cache/peers/bin/python -m benchmarks.peers.channel_attribution TOUCHES.parquet --order 2

Runners import nothing of Ringtrace: their venv has none of it.
"""
