"""The simulated Artisan stack: a real HTTP server with state, for the demo and for drills.

It answers like the services of the operations guide, carries traffic of its own, can be
broken on purpose and recovers the way a real stack does. It promises that

- what is broken shows everywhere it would: health, traffic, latency, queue and metrics;
- every lever of the runbooks changes behaviour, so a runbook can really mend something;
- one seed and one sequence of requests at the same times give the same numbers;
- it listens on 127.0.0.1 only, and it costs no CPU while nobody asks anything.
"""
