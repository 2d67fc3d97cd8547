"""Questions asked of the lake: one registry of metrics, one file a question."""
