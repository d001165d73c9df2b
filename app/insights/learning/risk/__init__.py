"""How likely a thing that was promised fails: a table of points that is calibrated, and can be read."""
