"""Designed experiments."""
