"""What we sell: products with price, tax, cost and stock."""
