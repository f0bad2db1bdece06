"""Service level objectives: what was promised, what was burned, and how fast.

Integers and exact fractions throughout: with floats, 1 bad of 1,000 at 99.9 % leaves a budget of
+8.9e-16 and lets a deployment pass. Time is in minutes since the epoch (UTC) unless a name says ms.
"""
