"""What runs: deployments, instances, work items, messages awaited, timers and incidents."""
