"""The API of the past, asked by tests."""

from __future__ import annotations

import httpx

from artisan_tui.drill import exposition
from artisan_tui.drill.clock import StackClock
from artisan_tui.drill.prometheus_api import create_prometheus_api
from artisan_tui.drill.recorder import Recorder
from artisan_tui.drill.samples import SampleRange
from artisan_tui.drill.stack import SimulatedStack


def recorder_of(*past: SampleRange) -> Recorder:
    stack = SimulatedStack()
    recorder = Recorder(stack, StackClock(), exposition.registry(stack), 0)
    recorder.samples.generated.extend(past)
    return recorder


def client_of(recorder: Recorder) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_prometheus_api(recorder, StackClock()))
    return httpx.AsyncClient(transport=transport, base_url="http://stack/prometheus/api/v1")
