"""The model of the Artisan stack: pure, without a clock and without HTTP.

`world.World` runs fixed ticks of one second. What it does in a tick depends on the seed, the tick, the faults and the
settings only, never on how often or when somebody reads it. Every random number is a function of
(seed, stream, tick, k), so an act moves no other stream. Operators act through `operations.Operations`.
"""
