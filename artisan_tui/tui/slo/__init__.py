"""SLOs on the screen."""
