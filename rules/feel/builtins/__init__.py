"""FEEL's built-in functions: all of DMN 1.5, called by position or by name."""
