"""The application with its database."""
