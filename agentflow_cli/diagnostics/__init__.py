"""What authors are told about their files: positions, codes, frames, formats."""
