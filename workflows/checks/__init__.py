"""What a diagram must not ask for: words, elements and flows, each looked at in its own module."""
