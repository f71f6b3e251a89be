"""The parts that screens are made of. They show what they are given and say what a person did."""
