"""Reads a landing URL and a referrer, says who sent this visitor."""
