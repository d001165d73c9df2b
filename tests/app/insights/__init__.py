"""What needs and orders tell."""
