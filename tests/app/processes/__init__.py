"""What machines tell instances."""
