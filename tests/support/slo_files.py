"""SLO files in the shapes that OpenSLO's and Sloth's own repositories use, for the import."""

from __future__ import annotations

import textwrap


def openslo(
    sli: str,
    objectives: str = "- target: 0.999",
    *,
    method: str = "Occurrences",
    window: str = "- duration: 30d\n  isRolling: true",
    name: str = "shop-checkout",
    more: str = "",
) -> str:
    """One SLO with ``sli`` (thresholdMetric or ratioMetric) inline; ``more`` are further fields of its spec."""
    lines = [
        "apiVersion: openslo/v1",
        "kind: SLO",
        f"metadata: {{name: {name}, displayName: Checkout}}",
        "spec:",
        "  description: People can pay.",
        "  service: shop",
        "  indicator:",
        "    metadata: {name: checkout-indicator}",
        "    spec:",
        _indented(sli, 6),
        *(["  timeWindow:", _indented(window, 4)] if window else []),
        f"  budgetingMethod: {method}",
        "  objectives:",
        _indented(objectives, 4),
        _indented(more, 2),
    ]
    return "\n".join(line for line in lines if line.strip()) + "\n"


def metric(query: str, kind: str = "Prometheus") -> str:
    """A metricSource on one line; ``query`` must not hold a single quote."""
    return f"{{metricSource: {{type: {kind}, spec: {{query: '{query}'}}}}}}"


def ratio(good: str = "", bad: str = "", total: str = "", counter: str = "true") -> str:
    parts = [f"  {key}: {metric(query)}" for key, query in (("good", good), ("bad", bad), ("total", total)) if query]
    return "\n".join(["ratioMetric:", *([f"  counter: {counter}"] if counter else []), *parts])


def raw(query: str, kind: str = "failure") -> str:
    return f"ratioMetric:\n  rawType: {kind}\n  raw: {metric(query)}"


def threshold(query: str) -> str:
    return f"thresholdMetric: {metric(query)}"


CHECKOUT = ratio(
    bad='sum(rate(checkout_requests_total{code=~"5.."}[5m]))', total="sum(rate(checkout_requests_total[5m]))"
)

#: Everything by reference, in an order in which nothing is known before it is used.
OPENSLO_REFERENCES = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: search, displayName: Search}
spec:
  service: shop
  indicatorRef: search-errors
  timeWindow: [{duration: 4w, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{displayName: Good, targetPercent: 99.95}]
  alertPolicies:
    - alertPolicyRef: search-policy
    - kind: AlertPolicy
      metadata: {name: inline}
      spec:
        alertWhenBreaching: true
        conditions:
          - kind: AlertCondition
            metadata: {name: slow-burn}
            spec:
              severity: ticket
              condition: {kind: burnrate, op: gt, threshold: 1.5, lookbackWindow: 6h}
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: search-errors}
spec:
  ratioMetric:
    counter: true
    good: {metricSource: {metricSourceRef: main, spec: {query: 'search_total{result="ok"}'}}}
    total: {metricSource: {metricSourceRef: main, spec: {query: search_total}}}
---
apiVersion: openslo/v1
kind: DataSource
metadata: {name: main}
spec:
  type: Prometheus
  connectionDetails: {url: "http://prometheus:9090", token: hunter2-hunter2}
---
apiVersion: openslo/v1
kind: Service
metadata: {name: shop, displayName: The Shop}
spec: {description: Sells things}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: search-policy}
spec:
  alertWhenNoData: true
  alertWhenBreaching: true
  conditions: [{conditionRef: fast-burn}]
  notificationTargets: [{targetRef: mail}]
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: fast-burn}
spec:
  severity: sev1
  condition: {kind: burnrate, op: lte, threshold: 14.4, lookbackWindow: 1h, alertAfter: 5m}
---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: mail}
spec: {target: email}
"""

SLOTH = """\
# An availability and a latency SLO, as Sloth's own examples write them.
version: "prometheus/v1"
service: "orders"
labels: {owner: shop}
slos:
  - name: "requests-availability"
    objective: 99.95
    description: "Orders are taken."
    sli:
      events:
        error_query: sum(rate(http_request_duration_seconds_count{job="orders",code=~"(5..|429)"}[{{.window}}]))
        total_query: sum(rate(http_request_duration_seconds_count{job="orders"}[{{.window}}]))
    alerting:
      name: OrdersErrors
      page_alert: {labels: {severity: pageteam}}
      ticket_alert: {labels: {severity: slack}}
  - name: "requests-latency"
    objective: 99
    sli:
      events:
        error_query: |
          (
            sum(rate(http_request_duration_seconds_count{job="orders"}[{{.window}}]))
            -
            sum(rate(http_request_duration_seconds_bucket{le="0.4",job="orders"}[{{.window}}]))  # as fast as promised
          )
        total_query: sum(rate(http_request_duration_seconds_count{job="orders"}[{{.window}}]))
    alerting:
      name: OrdersLatency
      page_alert: {disable: true}
      ticket_alert: {disable: true}
"""

SLOTH_CRD = """\
apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: orders, namespace: monitoring}
spec:
  service: orders
  slos:
    - name: availability
      objective: 99.9
      sli:
        raw:
          errorRatioQuery: |
            sum(rate(orders_total{state="lost"}[{{.window}}])) / sum(rate(orders_total[{{.window}}]))
      alerting:
        pageAlert: {labels: {severity: page}}
        ticketAlert: {disable: true}
"""


def sloth(sli: str, *, name: str = "a", objective: str = "99.9", more: str = "") -> str:
    """One SLO of Sloth's with ``sli`` below it; ``more`` are further fields of the SLO."""
    return "\n".join(
        [
            "version: prometheus/v1",
            "service: s",
            "slos:",
            f"  - name: {name}",
            f"    objective: {objective}",
            "    sli:",
            _indented(sli, 6),
            _indented(more, 4),
            "",
        ]
    )


def events(error: str, total: str) -> str:
    return f"events:\n  error_query: '{error}'\n  total_query: '{total}'"


def _indented(text: str, by: int) -> str:
    return textwrap.indent(textwrap.dedent(text).rstrip("\n"), " " * by)
