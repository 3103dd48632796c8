"""What runs actions: the runner, the registry, the composition root and the entry points."""
