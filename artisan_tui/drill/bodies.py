"""The JSON bodies of the health pages, in the stack's shape. No I/O; times are arguments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from artisan_tui.drill import faults
from artisan_tui.drill.model.afflictions import KNOWN
from artisan_tui.drill.model.cache import HIT_RATIO
from artisan_tui.drill.model.routing import MODELS, MODES
from artisan_tui.drill.shapes import APP, KRA, SEEDS, SMALL
from artisan_tui.drill.stack import MAX_CONNECTIONS, VERSION, SimulatedStack

Body = dict[str, Any]
_MEMORY_MB: Final = {"qwen": 15234.5, "mistral": 15222.0, "llama": 15222.0}
#: What an inference of a model takes that has just been loaded. Above 5,000 ms the app calls it degraded.
_SLOW_MS: Final = 6200.0
#: What PostgreSQL's client says when nobody listens.
NO_DATABASE: Final = 'connection to server at "postgres", port 5432 failed: Connection refused'
_GPU_MB: Final = {"qwen": 8192.0, "mistral": 6144.0, "llama": 6144.0}
_ERRORS: Final = {
    faults.QWEN_DOWN: "CUDA out of memory: model unloaded",
    faults.QWEN_HANG: "inference timed out after 30 s",
    "restart": "model is loading",
    "down": "model is not running",
}


def iso(wall: float) -> str:
    """A Unix time as ISO 8601 in UTC, with milliseconds."""
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _stamp(stack: SimulatedStack, wall: float) -> str:
    """The app writes times of UTC and does not say so."""
    if stack.shape is SEEDS:
        return iso(wall)
    return datetime.fromtimestamp(wall, UTC).replace(tzinfo=None).isoformat()


def _word(well: bool) -> str:
    return "healthy" if well else "unhealthy"


def overall(stack: SimulatedStack) -> str:
    """The overall status: unhealthy without the database, degraded if another component fails."""
    if not stack.component_ok("database"):
        return "unhealthy"
    impaired = (
        not stack.component_ok("redis")
        or not stack.component_ok("worker-llm")
        or any(stack.model_problem(model) for model in MODELS)
    )
    return "degraded" if impaired else "healthy"


def health(stack: SimulatedStack, wall: float) -> Body:
    """/health. The small server and kra's answer it without asking their components."""
    if stack.shape is SMALL:
        return {"status": "ok"}
    if stack.shape is KRA:
        return {"status": "healthy", "timestamp": wall}
    if stack.shape is APP:
        body = {"status": overall(stack), "timestamp": _stamp(stack, wall)}
        return body if stack.component_ok("database") else {**body, "error": NO_DATABASE}
    return {
        "status": overall(stack),
        "version": VERSION,
        "timestamp": iso(wall),
        "services": {
            "database": _word(stack.component_ok("database")),
            "redis": _word(stack.component_ok("redis")),
            "workers": {
                "llm": stack.fleet.ready("worker-llm") if stack.component_ok("worker-llm") else 0,
                "rl": stack.fleet.ready("worker-rl"),
            },
        },
    }


def detailed(stack: SimulatedStack, wall: float) -> Body:
    """/health/detailed: every component, with its latency in milliseconds (null if it does not respond) or as a word."""
    if stack.shape is KRA:
        working = stack.component_ok("worker-llm") and stack.queue_length <= 100
        return {
            "status": overall(stack),
            "timestamp": wall,
            "version": VERSION,
            "database": _word(stack.component_ok("database")),
            "redis": _word(stack.component_ok("redis")),
            "background_tasks": _word(working),
        }
    training = stack.trainer
    problems = {model: stack.model_problem(model) for model in MODELS}

    def part(well: bool, latency_ms: float, details: Body) -> Body:
        return {"status": _word(well), "latency_ms": latency_ms if well else None, "details": details}

    components = {
        "database": part(
            stack.component_ok("database"),
            round(2.1 + stack.database_connections / 20, 2),
            {"connections": stack.database_connections, "max_connections": MAX_CONNECTIONS},
        ),
        "redis": part(
            stack.component_ok("redis"),
            0.6,
            {"hit_ratio": round(stack.hit_ratio, 4), "bypassed": stack.cache_bypassed},
        ),
        "background_tasks": part(
            stack.component_ok("worker-llm") and stack.queue_length <= 100,
            4.0,
            {"queue_length": stack.queue_length, "workers": stack.fleet.ready("worker-llm")},
        ),
        "llm": part(
            not any(problems.values()),
            round(stack.inference_ms("qwen"), 2),
            {model: _ERRORS[problem] if problem else "ready" for model, problem in problems.items()},
        ),
        "rl": part(
            stack.component_ok("worker-rl") and training.reward <= 100,
            5.0,
            {"training": training.running, "step": int(training.step), "reward": round(training.reward, 2)},
        ),
        "disk": part(stack.world.machine.disk <= 0.85, 0.2, {"used_ratio": round(stack.world.machine.disk, 4)}),
    }
    return {"status": overall(stack), "version": VERSION, "timestamp": iso(wall), "components": components}


def model(stack: SimulatedStack, name: str, wall: float, *, inference: bool = False) -> Body:
    """/health/llm?model=NAME. The app says how long an inference took only if it ran one for this request."""
    problem = stack.model_problem(name)
    loaded = problem not in (faults.QWEN_DOWN, "restart", "down")
    slow = stack.warming(name) and problem is None
    milliseconds = round(_SLOW_MS if slow else stack.inference_ms(name), 2)
    says = (inference or stack.shape is SEEDS) and problem is None
    nothing = 0.0 if stack.shape is SEEDS else None
    return {
        "model_name": name,
        "status": "degraded" if slow else _word(problem is None),
        "loaded": loaded,
        "inference_ready": problem is None,
        "last_inference_ms": milliseconds if says else None,
        "memory_mb": _MEMORY_MB[name] if loaded else nothing,
        "gpu_memory_mb": _GPU_MB[name] if loaded else nothing,
        "error_message": None if problem is None else _ERRORS[problem],
        "checked_at": _stamp(stack, wall),
        "uptime_seconds": round(stack.up_seconds(name), 3) if loaded else nothing,
    }


def all_models(stack: SimulatedStack, wall: float) -> Body:
    """/health/llm/all."""
    each = {name: model(stack, name, wall) for name in MODELS}
    words = {name: body["status"] for name, body in each.items()}
    well, slow, bad = (sum(word == each for word in words.values()) for each in ("healthy", "degraded", "unhealthy"))
    # In the guide a model that still serves makes the whole degraded; in the app any bad model makes it unhealthy.
    worst = bad if stack.shape is not SEEDS else bad and not well
    return {
        "status": "unhealthy" if worst else "degraded" if bad or slow else "healthy",
        "healthy_count": well,
        "degraded_count": slow,
        "unhealthy_count": bad,
        "total_models": len(MODELS),
        "models": words,
        "memory_mb": sum(body["memory_mb"] or 0.0 for body in each.values()),
        "gpu_available": True,
        **({} if stack.shape is SEEDS else {"checked_at": _stamp(stack, wall)}),
    }


def ready(stack: SimulatedStack) -> Body:
    """/health/ready. The app is ready when a model is, and does not ask the database."""
    if stack.shape is SEEDS:
        well, why = stack.component_ok("database"), "the database refuses connections"
    else:
        well, why = any(map(stack.serves, MODELS)), "No models ready"
    return {"status": "ready"} if well else {"status": "not_ready", "reason": why}


def state(stack: SimulatedStack) -> Body:
    """/admin/state: the state that runbooks check before and after a lever."""
    training, fleet = stack.trainer, stack.fleet
    routes = {mode: stack.routing.route(mode) for mode in MODES}
    return {
        "version": VERSION,
        "seed": stack.seed,
        "uptime_seconds": round(stack.now - stack.started, 3),
        "faults": [fault for fault in KNOWN if stack.is_broken(fault)],
        "breakers": {m: "open" if m in stack.routing.open_breakers else "closed" for m in MODELS},
        "modes": {mode: {"served_as": route.served_as, "model": route.model} for mode, route in routes.items()},
        "replicas": {c: {"wanted": wanted, "ready": fleet.ready(c)} for c, wanted in fleet.wanted.items()},
        "restarting": {c: round(until - (stack.now - stack.started), 3) for c, until in fleet.restarting.items()},
        "cache": {
            "bypass": stack.cache_bypassed,
            "hit_ratio": round(stack.hit_ratio, 4),
            "warming": stack.hit_ratio < 0.9 * HIT_RATIO,
        },
        "rl": {
            "training": training.running,
            "step": int(training.step),
            "stable_checkpoint": training.stable_checkpoint,
            "learning_rate": training.learning_rate,
            "reward": round(training.reward, 3),
            "reward_std": round(training.reward_std, 3),
            "kl": round(training.kl, 5),
        },
        "queue_length": stack.queue_length,
        "database_connections": stack.database_connections,
    }


def fault_list(stack: SimulatedStack, wall: float) -> list[Body]:
    """/admin/faults, in the order of `FAULTS`. ``since`` is null while the fault is inactive."""
    return [
        {
            "id": fault.id,
            "title": fault.title,
            "title_ko": fault.title_ko,
            "description": fault.description,
            "description_ko": fault.description_ko,
            "active": stack.is_broken(fault.id),
            "since": iso(wall - (stack.now - stack.broken[fault.id])) if stack.is_broken(fault.id) else None,
        }
        for fault in faults.FAULTS
    ]
