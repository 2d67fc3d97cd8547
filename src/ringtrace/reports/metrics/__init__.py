"""Every metric, defined once: pages, API, files and docs read the registry."""

from ringtrace.reports.metrics.metric import Direction, Group, Interval, Metric, Need, Unit
from ringtrace.reports.metrics.registry import METRICS, find_metric

__all__ = ["METRICS", "Direction", "Group", "Interval", "Metric", "Need", "Unit", "find_metric"]
