"""The faults: ids, titles and descriptions. Their effects are in `model`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

QWEN_DOWN: Final = "qwen_down"
QWEN_HANG: Final = "qwen_hang"
LATENCY_HIGH: Final = "latency_high"
CACHE_COLD: Final = "cache_cold"
REDIS_DOWN: Final = "redis_down"
DATABASE_REFUSING: Final = "database_refusing"
REWARD_RUNAWAY: Final = "reward_runaway"
WORKERS_STUCK: Final = "workers_stuck"
ERRORS_5XX: Final = "errors_5xx"
DISK_FILLING: Final = "disk_filling"
METRICS_GONE: Final = "metrics_gone"
REDIRECT: Final = "redirect"
GARBAGE: Final = "garbage"


@dataclass(frozen=True, slots=True)
class DrillFault:
    """One fault. ``cured_by_restart`` is the component whose restart ends it, or None."""

    id: str
    title: str
    title_ko: str
    description: str
    description_ko: str
    cured_by_restart: str | None = None


FAULTS: Final[tuple[DrillFault, ...]] = (
    DrillFault(
        QWEN_DOWN,
        "Qwen is down",
        "Qwen 중단",
        "The Qwen model is unloaded: creative briefs fail or time out until they are routed elsewhere.",
        "Qwen 모델이 내려가 creative 요청이 실패하거나 시간 초과됩니다. 다른 모델로 우회하면 멈춥니다.",
        "qwen",
    ),
    DrillFault(
        QWEN_HANG,
        "Qwen hangs",
        "Qwen 응답 없음",
        "Qwen accepts requests and does not answer. They hold the API's slots: within two minutes the API drowns too.",
        "Qwen이 요청을 받기만 하고 응답하지 않습니다. API 슬롯이 묶여 2분 안에 API 전체가 밀립니다.",
        "qwen",
    ),
    DrillFault(
        LATENCY_HIGH,
        "API latency is high",
        "API 지연 증가",
        "Requests need three times the CPU: one in ten waits about five seconds. More app replicas help.",
        "요청마다 CPU가 세 배로 들어 열에 하나는 약 5초를 기다립니다. app 레플리카를 늘리면 나아집니다.",
    ),
    DrillFault(
        CACHE_COLD,
        "The cache is cold",
        "캐시 비워짐",
        "The hit rate falls to nothing and the database takes the load: its connections rise.",
        "캐시 적중률이 0에 가까워지고 부하가 데이터베이스로 몰려 연결 수가 늘어납니다.",
    ),
    DrillFault(
        REDIS_DOWN,
        "Redis is down",
        "Redis 중단",
        "No cache and no broker: the queue grows and some requests fail until the cache is bypassed.",
        "캐시와 브로커가 없어 큐가 쌓이고, 캐시를 우회하기 전까지 일부 요청이 실패합니다.",
        "redis",
    ),
    DrillFault(
        DATABASE_REFUSING,
        "The database refuses connections",
        "데이터베이스 연결 거부",
        "Connections are refused: the API is unhealthy and answers most requests with 5xx.",
        "연결이 거부되어 API가 비정상 상태가 되고 대부분의 요청에 5xx로 응답합니다.",
        "database",
    ),
    DrillFault(
        REWARD_RUNAWAY,
        "The RL reward runs away",
        "RL 보상 폭주",
        "PPO training is unstable: its reward climbs above 100, the KL divergence above 0.1.",
        "PPO 학습이 불안정합니다. 보상이 100, KL 발산이 0.1을 넘어 계속 오릅니다.",
    ),
    DrillFault(
        WORKERS_STUCK,
        "The workers are stuck",
        "워커 정지",
        "LLM workers take no more jobs: the queue grows beyond 100 within about twenty seconds.",
        "LLM 워커가 작업을 가져가지 않아 약 20초 안에 큐가 100을 넘습니다.",
        "worker-llm",
    ),
    DrillFault(
        ERRORS_5XX,
        "The API throws errors",
        "API 5xx 오류",
        "Eight per cent of all requests end in a 500.",
        "전체 요청의 8%가 500 오류로 끝납니다.",
        "app",
    ),
    DrillFault(
        DISK_FILLING,
        "The disk is filling",
        "디스크 가득 참",
        "Something writes without end: disk use climbs to 93 %. It is the log of the RL worker; a restart rotates it.",
        "무언가가 끝없이 기록하여 디스크 사용률이 93%까지 오릅니다. RL 워커의 로그이며 재시작하면 정리됩니다.",
        "worker-rl",
    ),
    DrillFault(
        METRICS_GONE,
        "Metrics are gone",
        "메트릭 소실",
        "The /metrics endpoint answers 503: nothing can be measured, and no alert about the app fires. A restart of app helps.",
        "/metrics가 503으로 응답하여 아무것도 측정할 수 없고 앱 알림도 울리지 않습니다. app을 재시작하면 돌아옵니다.",
        "app",
    ),
    DrillFault(
        REDIRECT,
        "Health is redirected",
        "헬스 체크 리디렉션",
        "/health answers 302 to a page that is fine, as a proxy in front of a dead service may.",
        "/health가 정상 페이지로 302 응답합니다. 죽은 서비스 앞의 프록시처럼 보입니다.",
    ),
    DrillFault(
        GARBAGE,
        "A health page is garbage",
        "헬스 응답 손상",
        "A health page answers bytes that try to act on a terminal: escape sequences, markup, broken UTF-8.",
        "헬스 페이지가 터미널을 조작하려는 바이트(이스케이프, 마크업, 깨진 UTF-8)로 응답합니다.",
    ),
)

BY_ID: Final[dict[str, DrillFault]] = {fault.id: fault for fault in FAULTS}
