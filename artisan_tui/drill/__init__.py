"""The simulated Artisan stack: an HTTP server with state, for the demo and for drills.

It responds like the service that really runs or, in another shape, like the operations guide (`shapes`), has
simulated traffic, can be broken on purpose and recovers
gradually. What happens in it is the `model`: ticks of one second. It guarantees:

- a fault shows in everything it affects: health, traffic, latency, queues and metrics;
- every operation of the runbooks (`levers`, `model.operations`) changes the behaviour, so a runbook can fix a fault;
- the same seed and the same acts at the same ticks give the same numbers, however often somebody reads them;
- it listens on 127.0.0.1 only, and without requests it costs one scrape per 15 seconds;
- a simulated Prometheus under ``/prometheus`` has samples of the days before the start.
"""
