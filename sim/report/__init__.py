"""What reports and pictures share: page shell, style, figures."""
