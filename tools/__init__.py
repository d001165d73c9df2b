"""What those who build Placet run by hand: nothing here is part of what runs."""
