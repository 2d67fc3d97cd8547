"""The `ringtrace` command: the only place that wires rooms together."""


def main() -> None:
    raise SystemExit("not wired yet")
