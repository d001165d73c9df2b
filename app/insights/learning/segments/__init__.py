"""Groups of customers by recency, frequency and value."""
