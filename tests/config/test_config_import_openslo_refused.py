"""OpenSLO that has no place here is refused by name; references, alerts and several objectives."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from artisan_tui.config.slo.importing import import_slos
from config.config_stubs import read
from support.openslo_files import PROMETHEUS, imported
from support.slo_files import CHECKOUT, OPENSLO_REFERENCES, metric, openslo, ratio, raw, threshold


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (openslo(CHECKOUT, "- target: 1"), "100% leaves no error budget"),
        (openslo(CHECKOUT, "- targetPercent: 100.0"), "100% leaves no error budget"),
        (openslo(CHECKOUT, "- target: 99.9"), "write targetPercent: 99.9"),
        (openslo(CHECKOUT, "- target: 0"), "between 0 and 100"),
        (openslo(CHECKOUT, "- {target: 0.9, targetPercent: 90}"), "this has both"),
        (openslo(CHECKOUT, "- displayName: x"), "this has neither"),
        (openslo(CHECKOUT, "- target: ninety"), "`target` is not a number: 'ninety'"),
        (openslo(CHECKOUT, "- target: 0x1F"), "is not a number"),
        (openslo(CHECKOUT, "[]"), "it has no objectives"),
        (openslo(CHECKOUT, method="Sometimes"), "'Sometimes' is not known"),
        (openslo(CHECKOUT, method=""), "`budgetingMethod` is missing"),
        (openslo(CHECKOUT, method="Timeslices"), "`timeSliceWindow` is missing"),
        (openslo(CHECKOUT, "- {target: 0.9, timeSliceWindow: 1m}", method="Timeslices"), "`timeSliceTarget` is missing"),
        (openslo(CHECKOUT, "- {target: 0.9, timeSliceWindow: 1m, timeSliceTarget: 1.5}", method="Timeslices"), "1.5 is no share"),
        (openslo(CHECKOUT, "- {target: 0.9, timeSliceWindow: 1M, timeSliceTarget: 1}", method="Timeslices"), "m is minutes, M months"),
        (openslo(threshold("q"), "- {target: 0.9, op: lt, value: 1, timeSliceWindow: 1m}", method="RatioTimeslices"), "has no ratio"),
        (openslo(threshold("q"), "- {target: 0.9}"), "needs op and value"),
        (openslo(threshold("q"), "- {target: 0.9, op: eq, value: 1}"), "needs op and value"),
        (openslo("description: nothing"), "this has neither"),
        (openslo(f"{threshold('q')}\n{CHECKOUT}"), "this has both"),
        (openslo(ratio(good="a", bad="b", total="c")), "one of good and bad"),
        (openslo(ratio(good="a")), "a ratio needs total"),
        (openslo(ratio(good="a", total="b", counter="maybe")), "counter is true or false"),
        (openslo(ratio(good="a", total="b", counter="")), "whether this is a counter or a gauge"),
        (openslo(ratio(good="a + b", total="c")), "no counter was found in this query"),
        (openslo(ratio(good="rate(a[5m]) > 1 bool", total="topk(3, c)")), "no counter was found"),
        (openslo(raw("x", "both")), "raw needs its rawType"),
        (openslo(raw("x") + f"\n  total: {metric('t')}"), "raw stands beside"),
        (openslo(f"thresholdMetric: {metric('avg:system.cpu{*}', 'Datadog')}", "- {target: 0.9, op: lt, value: 1}"), "the metric source 'Datadog' cannot be read"),
        (openslo("thresholdMetric: {metricSource: {spec: {query: q}}}", "- {target: 0.9, op: lt, value: 1}"), "which metric source"),
        (openslo("thresholdMetric: {metricSource: {metricSourceRef: x, spec: {query: q}}}", "- {target: 0.9, op: lt, value: 1}"), "there is no DataSource 'x'"),
        (openslo("thresholdMetric: {metricSource: {type: prometheus, spec: {region: eu}}}", "- {target: 0.9, op: lt, value: 1}"), "there is no query"),
        (openslo(CHECKOUT, "- {target: 0.9, compositeWeight: 2}"), "makes a composite SLO"),
        (openslo(CHECKOUT, "- {target: 0.9, indicatorRef: other}"), "makes a composite SLO"),
        (openslo(CHECKOUT, more="indicatorRef: x"), "one of indicator and indicatorRef, and this has both"),
        (openslo(CHECKOUT).replace("name: shop-checkout, ", ""), "`name` is missing"),
        (openslo(CHECKOUT).replace("kind: SLO", "kind: Slo"), "'Slo' is none of OpenSLO v1"),
        ("apiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: a\n", "`spec` is missing"),
    ],
)  # fmt: skip
def test_what_has_no_place_is_refused_by_name(text: str, why: str) -> None:
    found = import_slos(text, "f")
    assert found.slos == ()
    assert any(why in str(each) for each in found.refused), [str(each) for each in found.refused]
    assert all(each.mend for each in found.refused)


def test_a_refusal_says_where() -> None:
    text = openslo(CHECKOUT) + "---\n" + openslo(CHECKOUT, "- {target: 0.9}\n- {target: 2}", name="second")
    found = imported(text)
    assert [slo.id for slo in found.slos] == ["shop-checkout", "second-1"]
    (why,) = found.refused
    line = text.splitlines().index("    - {target: 2}") + 1
    assert why.where == f"line {line}, document 2, spec.objectives[1].target"
    assert why.line == line


def test_several_objectives_are_several_slos() -> None:
    objectives = "- {displayName: Internal goal, target: 0.995}\n- {displayName: SLA, target: 0.99}\n- {target: 0.9}"
    found = imported(openslo(CHECKOUT, objectives))
    assert [(slo.id, slo.name) for slo in found.slos] == [
        ("shop-checkout-internal-goal", "Checkout: Internal goal"),
        ("shop-checkout-sla", "Checkout: SLA"),
        ("shop-checkout-3", "Checkout: 3"),
    ]
    thresholds = (
        "- {displayName: fast, op: lt, value: 1, target: 0.9}\n- {displayName: slow, op: lt, value: 5, target: 0.99}"
    )
    by_value = imported(openslo(threshold("q"), thresholds)).slos
    assert [slo.sli.model_dump()["good"] for slo in by_value] == [
        "value < 1",
        "value < 5",
    ]
    values = "- {op: lt, value: 1, target: 0.9}\n- {op: lt, value: 5, target: 0.99}"
    assert all("need a thresholdMetric" in str(each) for each in imported(openslo(CHECKOUT, values)).refused)


def test_a_value_beside_a_ratio_is_remarked() -> None:
    found = imported(openslo(CHECKOUT, "- {op: gt, value: 1, target: 0.9}"))
    assert len(found.slos) == 1
    assert [text.partition(": ")[2] for text in found.remarks] == [
        "`op` has no effect with a ratioMetric and is not imported",
        "`value` has no effect with a ratioMetric and is not imported",
    ]


def test_references_to_other_documents(tmp_path: Path) -> None:
    found = imported(OPENSLO_REFERENCES)
    (slo,) = read(tmp_path, PROMETHEUS + found.toml).slos
    assert found.refused == ()
    assert (slo.id, slo.window) == ("search", "28d")
    assert 'objective = "99.95%"' in found.toml
    assert "service shop (The Shop: Sells things)" in found.toml
    assert [(a.severity, a.long, a.short, a.factor) for a in slo.alerts or ()] == [
        ("page", 3600.0, 3600.0, Decimal("14.4")),
        ("ticket", 21600.0, 21600.0, Decimal("1.5")),
    ]
    said = "\n".join(found.remarks)
    for words in (
        "op: lte would alert while the burn rate is low; it is read as gt",
        "alertAfter is not imported",
        "the severity 'sev1' is read as page",
        "`alertWhenNoData` is not imported",
        "`notificationTargets` is not imported",
        "the notification target 'mail' is not imported",
        "write the address of 'main' as [metrics] prometheus",
    ):
        assert words in said
    # Connection details hold secrets.
    assert "hunter2" not in said + found.toml


def test_references_that_lead_nowhere() -> None:
    found = imported(OPENSLO_REFERENCES.replace("metadata: {name: fast-burn}", "metadata: {name: slow}"))
    assert "there is no AlertCondition 'fast-burn' in this file" in str(found.refused[0])
    assert "no SLO here uses the AlertCondition 'slow'" in "\n".join(found.remarks)
    # The SLO is taken over with the alert that could be read.
    assert [len(slo.alerts or ()) for slo in found.slos] == [1]
    missing = OPENSLO_REFERENCES.replace("metadata: {name: search-errors}", "metadata: {name: other}")
    assert "there is no SLI 'search-errors'" in str(imported(missing).refused[0])
    twice = OPENSLO_REFERENCES + "---\n" + OPENSLO_REFERENCES.split("---\n")[1]
    assert "the SLI 'search-errors' is already there, on line" in str(imported(twice).refused[0])


@pytest.mark.parametrize(
    ("policies", "why"),
    [
        ("alertPolicies: {alertPolicyRef: x}", "`alertPolicies` is no list"),
        ("alertPolicies: [x]", "`spec` is missing"),
        ("alertPolicies: [{spec: {alertWhenBreaching: true}}]", "the policy has no conditions"),
        (
            "alertPolicies: [{spec: {conditions: [{spec: {condition: {kind: latency}}}]}}]",
            "kind 'latency' is not known",
        ),
        ("alertPolicies: [{spec: {conditions: [{spec: {condition: {op: eq}}}]}}]", "the op 'eq' is not known"),
        ("alertPolicies: [{spec: {conditions: [{spec: {condition: {op: gt, threshold: 0}}}]}}]", "above 0"),
        (
            "alertPolicies: [{spec: {conditions: [{spec: {condition: {op: gt, threshold: 2}}}]}}]",
            "`lookbackWindow` is missing",
        ),
    ],
)
def test_alerts_that_cannot_be_read_are_refused_and_the_objective_is_not(policies: str, why: str) -> None:
    found = imported(openslo(CHECKOUT, more=policies))
    assert [slo.alerts for slo in found.slos] == [None]
    (refusal,) = found.refused
    assert why in str(refusal)


def test_a_policy_that_does_not_alert() -> None:
    quiet = "alertPolicies: [{spec: {alertWhenBreaching: false, conditions: [{conditionRef: x}]}}]"
    found = imported(openslo(CHECKOUT, more=quiet))
    assert found.refused == ()
    assert "alertWhenBreaching is false" in found.remarks[0]


def test_an_alert_that_could_never_fire_is_refused_as_in_the_configuration() -> None:
    found = imported(OPENSLO_REFERENCES.replace("targetPercent: 99.95", "targetPercent: 90"))
    assert found.slos == ()
    assert "it can never fire" in str(found.refused[0])


def test_unknown_fields_are_named() -> None:
    text = openslo(CHECKOUT, "- {target: 0.999, weight: 3}", more="color: red\nowner: null").replace(
        "kind: SLO\n", "kind: SLO\nextra: 1\n"
    )
    text = text.replace("displayName: Checkout", "displayName: Checkout, labels: {team: [a, b]}")
    said = imported(text).remarks
    assert [text.partition(": ")[2] for text in said] == [
        "the field `extra` is unknown and not imported",
        "labels are not imported",
        "the field `color` is unknown and not imported",
        "the field `weight` is unknown and not imported",
    ]
    assert said[2].startswith("line ")
    assert ", document 1, spec.color: " in said[2]


def test_other_versions_and_mixed_files() -> None:
    text = openslo(CHECKOUT) + "---\napiVersion: openslo/v1alpha\nkind: SLO\n---\njust: anything\n---\n"
    found = imported(text)
    assert len(found.slos) == 1
    assert [each.what for each in found.refused] == [
        "this is written for 'openslo/v1alpha'",
        "this says neither apiVersion nor version",
    ]


def test_the_same_name_twice() -> None:
    found = imported(openslo(CHECKOUT) + "---\n" + openslo(CHECKOUT, name="Shop.Checkout"))
    assert [slo.id for slo in found.slos] == ["shop-checkout", "shop-checkout-2"]
    assert "the id 'shop-checkout' is already used in this file; it is called 'shop-checkout-2'" in found.remarks[0]


def test_hostile_text_stays_text() -> None:
    text = openslo(
        ratio(bad='sum(rate(t{a="\\\\", b=~"(5..|\u202e)"}[5m]))', total="sum(rate(t[5m]))"),
        '- {target: 0.9, displayName: "x]]\\n[[slo]]\\e[2J"}',
        name='"\\e]0;pwned\\a\\u202e"',
    ).replace("People can pay.", '"one\\n[[slo]]\\nid = 3"')
    found = imported(text)
    assert [slo.id for slo in found.slos] == ["0-pwned"]
    assert all(line.isprintable() for line in found.toml.splitlines())
    assert "\n[[slo]]\nid = 3" not in found.toml
    assert "\u202e" in str(found.slos[0].sli.model_dump()["bad"])
