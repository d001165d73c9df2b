"""What customers need: collected, analysed, tracked until an order is made of it."""
