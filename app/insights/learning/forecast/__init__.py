"""How many needs and orders will come: daily counts by type, a week's pattern, honest intervals."""
