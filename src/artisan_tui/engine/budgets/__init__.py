"""What the promises cost: ledgers filled minute by minute, judged, and told when a budget burns."""
