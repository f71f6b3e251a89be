"""What the engine needs of the world, as Protocols. Each has a real implementation in `services` and a fake in tests."""
