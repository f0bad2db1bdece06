"""What was shown: kept as it is published, and put together again for a past moment, from the store alone."""
