"""Parties outside: simulated ones keep their word, real ones are spoken to over HTTP."""
