"""Texts of needs: told into types, and grouped by what they are about."""
