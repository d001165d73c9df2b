"""Asking some customers, so as to know about all of them: a sample, its answers, and what they stand for."""
