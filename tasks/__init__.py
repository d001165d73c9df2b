"""What happens outside a request: relay, workers, timers and the command line."""
