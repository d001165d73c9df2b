"""The API as a whole: its description, its refusals, and what it withholds from strangers."""
