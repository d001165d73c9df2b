"""The sequence of changes that live pages follow."""
