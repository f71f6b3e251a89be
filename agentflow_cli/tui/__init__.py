"""The monitor: screens over the record of a run. It only looks; what a person decides goes through the use cases."""
