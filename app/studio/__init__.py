"""Drafts of diagrams and tables: saved, checked, tested, published."""
