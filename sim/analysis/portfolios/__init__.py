"""Which mix of enabling processes is best within a budget of staff hours a week, for several aims at once."""
