"""How long what has begun will still take, and what comes next, learned from the events of what has ended."""
