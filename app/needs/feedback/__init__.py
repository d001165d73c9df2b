"""What customers say when an order closes, as needs: by themselves as the business wants, or by a press."""
