"""HubSpot: proof in `hook.py`, subscriptions in `events.py`, workflows in `workflows.py`, meaning in `deals.py`."""
