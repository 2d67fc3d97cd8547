"""Salesforce: proof in `hook.py`, Outbound Messages as XML in `soap.py`, what records mean in `records.py`."""
