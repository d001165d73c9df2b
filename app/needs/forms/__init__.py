"""The public form of an organisation: needs that customers enter themselves, and what they agreed to."""
