"""New projects and new files: written from templates, never over what is there."""
