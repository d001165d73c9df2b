"""What operators see: incidents, instances, and the ways to help them on."""
