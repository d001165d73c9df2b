"""Designed experiments: what was supposed, who saw what, and what may be concluded from it."""
