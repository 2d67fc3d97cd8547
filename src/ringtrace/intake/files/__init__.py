"""Tables that people upload: read, mapped, and turned into outcomes, contacts and spend."""
