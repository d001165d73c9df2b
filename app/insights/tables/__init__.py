"""Tables of needs added up by type, and put into groups by their numbers: the plain form."""
