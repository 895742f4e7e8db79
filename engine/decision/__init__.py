"""Decision: the background bank and P(match)."""
