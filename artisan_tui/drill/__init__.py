"""The simulated Artisan stack: a real HTTP server with state, for the demo and for drills.

It answers like the services of the operations guide, carries traffic of its own, can be
broken on purpose and recovers the way a real stack does. It promises that

- what is broken shows everywhere it would: health, traffic, latency, queue and metrics;
- every lever of the runbooks changes behaviour, so a runbook can really mend something;
- one seed and one sequence of requests at the same times give the same numbers;
- it listens on 127.0.0.1 only, and while nobody asks anything it costs the CPU of one scrape in 15 seconds;
- its counters have a past: a Prometheus beside it, under ``/prometheus``, remembers the days before the start.
"""
