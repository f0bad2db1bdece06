"""C11: lists of SLOs, and objectives that are none."""

from __future__ import annotations

import pytest

from artisan_tui.config.slo.importing import import_slos

CRD = """
- apiVersion: sloth.slok.dev/v1
  kind: PrometheusServiceLevel
  metadata: {name: a}
  spec:
    service: shop
    slos:
      - name: one
        objective: 99.9
        sli: {events: {errorQuery: 'sum(rate(e_total[{{.window}}]))', totalQuery: 'sum(rate(t_total[{{.window}}]))'}}
      - name: two
        objective: 99
        sli: {events: {errorQuery: 'sum(rate(e_total[{{.window}}]))', totalQuery: 'sum(rate(t_total[{{.window}}]))'}}
- apiVersion: sloth.slok.dev/v1
  kind: PrometheusServiceLevel
  metadata: {name: b}
  spec:
    service: shop
    slos:
      - name: three
        objective: 99.5
        sli: {events: {errorQuery: 'sum(rate(e_total[{{.window}}]))', totalQuery: 'sum(rate(t_total[{{.window}}]))'}}
"""
LIST = "apiVersion: v1\nkind: List\nmetadata: {resourceVersion: ''}\nitems:" + CRD
OTHER = "apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevelList\nitems:" + CRD


@pytest.mark.parametrize("text", [LIST, OTHER, CRD, LIST + "---\n" + "apiVersion: v1\nkind: List\nitems: []\n"])
def test_c11_every_item_of_a_list_is_imported(text: str) -> None:
    found = import_slos(text, "slos.yaml")
    assert [str(each) for each in found.refused] == []
    assert [each.name or each.id for each in found.slos]
    assert len(found.slos) == 3


def test_c11_openslo_in_a_list() -> None:
    one = """
  - apiVersion: openslo/v1
    kind: SLO
    metadata: {name: NAME}
    spec:
      service: shop
      budgetingMethod: Occurrences
      timeWindow: [{duration: 28d, isRolling: true}]
      indicator:
        metadata: {name: NAME}
        spec:
          ratioMetric:
            counter: true
            good: {metricSource: {type: Prometheus, spec: {query: 'g_total'}}}
            total: {metricSource: {type: Prometheus, spec: {query: 't_total'}}}
      objectives: [{target: 0.99}]
"""
    text = "apiVersion: v1\nkind: List\nitems:" + one.replace("NAME", "a") + one.replace("NAME", "b")
    found = import_slos(text, "slos.yaml")
    assert [str(each) for each in found.refused] == []
    assert [each.id for each in found.slos] == ["a", "b"]


@pytest.mark.parametrize("objective", ["101", "100.1", "0", "-1"])
def test_c11_an_objective_that_is_none_is_told_in_sloth_s_own_words(objective: str) -> None:
    text = LIST.replace("objective: 99.9", f"objective: {objective}")
    found = import_slos(text, "slos.yaml")
    assert len(found.slos) == 2
    (refused,) = found.refused
    assert "between 0 and 100 per cent" in refused.what
    assert refused.mend == "write a percentage like objective: 99.9"
