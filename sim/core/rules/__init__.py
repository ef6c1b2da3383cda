"""The compiled rules: one rule per file, one kernel per rule; files do not import each other."""
