"""Samples of customers, and what their answers stand for."""
