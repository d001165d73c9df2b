"""Customers and the people to talk to."""
