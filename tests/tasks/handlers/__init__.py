"""Handlers: each effect once, whatever is repeated, cancelled or raced."""
