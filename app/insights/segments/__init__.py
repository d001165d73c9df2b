"""Segments of customers by how lately, how often and for how much they ordered."""
