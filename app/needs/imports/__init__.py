"""Files of needs: how they are written, which column says what, and how they are kept bit by bit."""
