"""What people see of a run while it goes on: one view a file, all of them listeners."""
