"""Orders: lines, totals, status, and what execution and closing made of them."""
