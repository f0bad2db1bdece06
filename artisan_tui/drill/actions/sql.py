"""Steps of kind sql: the tables that the runbooks ask about, filled from the state of the stack."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from artisan_tui.drill.actions.protocol import ActAnswer, ActRefused, Estate

Rows = list[dict[str, Any]]


def _jobs(estate: Estate, query: str) -> Rows:
    failed = 40 if not estate.works("worker-llm") or not estate.works("redis") else 3
    if "group by" in query:
        return [
            {"status": "succeeded", "count": 400 - failed},
            {"status": "failed", "count": failed},
            {"status": "queued", "count": estate.queue()},
        ]
    reason = "worker lost" if failed > 3 else "bad input"
    return [
        {"job_id": f"job-{number}", "type": "evolve", "status": "failed", "error_message": reason}
        for number in range(1, 4)
    ]


def _activity(estate: Estate, query: str) -> Rows:
    used, allowed = estate.connections()
    return [{"used": used, "allowed": allowed}]


_TABLES: Final[Mapping[str, Callable[[Estate, str], Rows]]] = {
    "jobs": _jobs,
    "pg_stat_activity": _activity,
    "pg_settings": _activity,
    "pg_stat_statements": lambda estate, query: [{"query": "SELECT … FROM recipes", "calls": 1200, "mean_ms": 12.5}],
    "pg_tables": lambda estate, query: [{"tables": 24}],
    "information_schema": lambda estate, query: [{"tables": 24}],
    "alembic_version": lambda estate, query: [{"version_num": estate.schema()}],
    "judgment_executions": lambda estate, query: [{"count": 5120}],
    "workflow_instances": lambda estate, query: [
        {"status": "completed", "count": 480},
        {"status": "failed", "count": 3},
    ],
    "fact_daily_production": lambda estate, query: [
        {"date": f"2026-01-0{day}", "line_code": "L1", "count": 96} for day in range(1, 8)
    ],
    "intent_logs": lambda estate, query: [{"pattern": "analyse", "intent": "bi_insight", "count": 42}],
    "evaluation_runs": lambda estate, query: [{"missing": 0}],
}


class SqlActions:
    def capture(self, estate: Estate, action: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    def read(self, estate: Estate, action: Mapping[str, Any]) -> ActAnswer:
        if not estate.works("database"):
            return ActAnswer(False, 1, "the database refuses connections")
        query = " ".join(str(action["request"]["query"]).lower().split())
        named = re.search(r"\bfrom\s+(?:pg_catalog\.)?([a-z_]+)", query)
        if named is None:
            rows: Rows = [{"value": 1}]
        elif named[1] in _TABLES:
            rows = _TABLES[named[1]](estate, query)
        else:
            raise ActRefused(f"the stack has no table {named[1][:60]}: it has {', '.join(_TABLES)}")
        output = "\n".join(" | ".join(map(str, row.values())) for row in rows)
        first = next(iter(rows[0].values())) if rows else None
        return ActAnswer(output=output, values={"rows": len(rows), "body": rows, "value": first})

    def change(self, estate: Estate, action: Mapping[str, Any], before: Mapping[str, Any]) -> ActAnswer:
        if not estate.works("database"):
            return ActAnswer(False, 1, "the database refuses connections")
        return ActAnswer(output="committed", values={"rows": 0, "body": []})


ACTIONS = SqlActions()
