"""What the engine needs of the world, as Protocols: a real implementation in `services`, a fake in the tests."""
