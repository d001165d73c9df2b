"""The engine alone: no application, no database."""
