"""One port, a folder a carrier."""
