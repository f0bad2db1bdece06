"""Service level objectives: error budgets, burn rates, alerts, forecasts and the deployment gate.

All arithmetic uses integers and exact fractions. With floats, 1 bad of 1,000 events at 99.9 % leaves a
budget of +8.9e-16, and the gate would allow a deployment. Time is in minutes since the Unix epoch
(UTC) unless a name ends in ms.
"""
