"""What moves the outcomes: a screen, shares of variance and whole distributions, over prior and posterior."""
