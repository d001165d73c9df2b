"""What needs and orders tell: groups, forecasts, suggestions, risks, and how far to trust each of them."""
