"""What the program can do, as plain typed functions: one a file. They parse nothing and print nothing."""
