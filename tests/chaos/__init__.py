"""Killing whatever can be killed while orders run, and proving that nobody could tell afterwards."""
