"""Statistical questions, one package each: comparison, sensitivity, portfolios, calibration."""
