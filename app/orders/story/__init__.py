"""What follows from an order, as the API tells it."""
