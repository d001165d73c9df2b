"""What a customer buys next: habits that come again, and things that are new to them, ranked apart."""
