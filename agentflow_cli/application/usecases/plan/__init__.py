"""What a run would do, told before anything runs."""
