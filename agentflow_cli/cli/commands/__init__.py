"""One file a verb, with one public function `command`, and `OUTPUTS`: the forms that `-o` takes, the default first."""
