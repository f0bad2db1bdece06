"""Runbooks as files write them."""

from __future__ import annotations

BODY = {
    "manual": 'instructions = "look"\nchecklist = ["a"]\ninput = { ticket = "Which ticket?" }',
    "http": 'request = { url = "http://127.0.0.1/" }',
    "command": 'run = ["true"]',
    "compose": 'file = "compose.yml"\nscale = { app = 5 }',
    "docker": 'restart = "app"',
    "kubernetes": 'scale = { "deployment/api" = 8 }\nnamespace = "production"\ncontext = "prod"',
    "helm": 'rollback = "api"',
    "sql": 'database = "env:DATABASE_URL"\nquery = "select 1"',
    "measure": "measure = { value = 'up' }\nexpect = [\"value > 0\"]",
    "wait": 'for = "30s"',
    "notify": 'to = ["ops"]\nmessage = "started"',
    "incident": 'create = { title = "Qwen", severity = "Sev2" }',
    "silence": 'matchers = [\'alertname="High"\']\nfor = "30m"',
    "choice": 'options = [{ label = "On", goto = "next" }]',
    "runbook": 'runbook = { id = "other", params = { a = 1 } }',
}
