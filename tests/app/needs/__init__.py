"""Needs: kept, imported, added up, followed, and made into orders."""
