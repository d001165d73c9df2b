"""Needs that come by mail: a mail service hands each message to us, signed."""
