"""Customers, their contacts and what they agreed to."""
