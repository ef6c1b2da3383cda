"""Pictures: of result tables, and of one run as it goes on (``live``, for Mesa's own view)."""
