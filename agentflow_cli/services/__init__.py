"""What the ports promise, made real. These rooms do not know each other."""
