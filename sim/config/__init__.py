"""From what a user writes (words, YAML) to a checked Scenario; the only room that knows ``conf/`` and Hydra."""
