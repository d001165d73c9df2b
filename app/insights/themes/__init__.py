"""Themes: what needs are about, found in their texts and followed over time."""
