"""Suggestions for misspelled keys and names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: Words of other tools -> the keys here, best first. Their spelling is not similar.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "interval": ("every",),
    "period": ("every", "window"),
    "frequency": ("every",),
    "schedule": ("every",),
    "poll": ("every",),
    "address": ("url", "host"),
    "addr": ("url", "host"),
    "uri": ("url",),
    "endpoint": ("url",),
    "target": ("url", "host", "objective"),
    "hostname": ("host", "url"),
    "retries": ("fall",),
    "failures": ("fall",),
    "failure_threshold": ("fall",),
    "unhealthy_threshold": ("fall",),
    "success_threshold": ("rise",),
    "healthy_threshold": ("rise",),
    "deadline": ("timeout",),
    "type": ("kind",),
    "conditions": ("expect",),
    "condition": ("expect",),
    "assert": ("expect",),
    "assertions": ("expect",),
    "warn": ("degraded",),
    "warning": ("degraded",),
    "title": ("name",),
    "label": ("name",),
    "goal": ("objective",),
    "slo": ("objective",),
    "indicator": ("sli",),
    "services": ("service",),
    "checks": ("check",),
    "slos": ("slo",),
    "metric": ("measure", "value"),
    "query": ("promql",),
    "expr": ("query", "promql"),
    "range": ("window",),
    "aggregation": ("agg",),
    "aggregate": ("agg",),
    "denominator": ("of",),
    "total": ("of",),
    "bucket": ("histogram",),
    "p": ("quantile",),
    "percentile": ("quantile",),
    "token": ("bearer_token",),
    "bearer": ("bearer_token",),
    "user": ("username",),
    "ca": ("ca_file",),
    "ca_cert": ("ca_file",),
    "cert": ("cert_file",),
    "client_cert": ("cert_file",),
    "key": ("key_file",),
    "client_key": ("key_file",),
    "tz": ("timezone",),
    "lang": ("language",),
    "locale": ("language",),
    "env": ("environment",),
    "url": ("prometheus", "alertmanager", "host"),
    "targets": ("scrape",),
    "db": ("database",),
    "keybindings": ("keys",),
    "bindings": ("keys",),
}


def closest(word: str, known: Iterable[str]) -> str | None:
    """The most likely one of ``known`` for ``word``, None without a likely one."""
    names = list(known)
    folded_word = word[:64].strip().lower().replace("-", "_")
    folded = {name.lower(): name for name in reversed(names)}
    if folded_word in folded:
        return folded[folded_word]
    meant = get_close_matches(folded_word, SYNONYMS, 1, 0.85)
    for name in SYNONYMS[meant[0]] if meant else ():
        if name in names:
            return name
    completions = [name for name in folded if len(folded_word) > 2 and name.startswith(folded_word)]
    near = completions if len(completions) == 1 else get_close_matches(folded_word, folded, 1, 0.6)
    return folded[near[0]] if near else None
