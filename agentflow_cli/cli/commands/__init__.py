"""One file a verb. Each has one public function `command`, and `OUTPUTS`, the forms that `-o` takes, the default first."""
