"""From arrays to numbers, tables, sentences, and the folder of one run."""
