"""Orders: entered, submitted, found, fulfilled, closed."""
