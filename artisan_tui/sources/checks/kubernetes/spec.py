"""The configuration keys of the kind kubernetes."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from artisan_tui.config.base import PathText, Span
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.text.printable import printable

RESOURCES = {"deployment": "deployments", "statefulset": "statefulsets", "daemonset": "daemonsets"}
ResourceName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", max_length=253)]


class KubernetesSpec(CheckSpec):
    """A workload, or pods selected by labels, whose pods must be ready."""

    kind: Annotated[
        Literal["kubernetes"], Field(description=("Read the state of a workload from a Kubernetes API server"))
    ] = "kubernetes"
    deployment: Annotated[ResourceName | None, Field(description="A deployment's name")] = None
    statefulset: Annotated[ResourceName | None, Field(description="Instead: a stateful set's name")] = None
    daemonset: Annotated[ResourceName | None, Field(description="Instead: a daemon set's name")] = None
    pods: Annotated[
        str | None, Field(min_length=1, max_length=1000, description='Instead: a label selector, like "app=api"')
    ] = None
    namespace: Annotated[ResourceName, Field(description="Namespace")] = "default"
    context: Annotated[str | None, Field(max_length=300, description="Instead of the kubeconfig's current one")] = None
    kubeconfig: Annotated[
        PathText | None, Field(description="Instead of $KUBECONFIG, ~/.kube/config or the pod's service account")
    ] = None
    at_least: Annotated[
        int | None,
        Field(ge=1, le=100_000, strict=True, description=("Minimum of ready pods; down below it (default 1)")),
    ] = None
    restarts: Annotated[
        int, Field(ge=0, le=1000, strict=True, description=("Number of restarts that is acceptable"))
    ] = 3
    restarts_within: Annotated[Span, Field(description="The time in which a container's restarts are counted")] = 600.0
    pending_for: Annotated[
        Span, Field(description="How long a pod is allowed to be pending before the check fails")
    ] = 300.0

    ANSWERS: ClassVar[frozenset[str]] = frozenset({"body", "latency", "value"})
    FIELDS: ClassVar[frozenset[str]] = frozenset(
        {"desired", "ready", "available", "updated", "restarts", "restarts_lately", "pending", "paused"}
    )

    @model_validator(mode="after")
    def _one_target(self) -> KubernetesSpec:
        if sum(getattr(self, key) is not None for key in (*RESOURCES, "pods")) != 1:
            raise Mistake(
                "a kubernetes check needs exactly one workload",
                'write one of deployment, statefulset or daemonset = "name", or pods = "label selector"',
            )
        if self.pods is not None and not self.pods.strip(" ,"):
            raise Mistake("an empty label selector selects every pod", 'write pods = "app=api"', ("pods",))
        return self

    @property
    def target(self) -> str:
        kind, name = self.resource
        return printable(f"{kind}/{name} in namespace {self.namespace}", 300)

    # There is no `endpoint`: the API server's address is in the kubeconfig, which is not read here.

    @property
    def resource(self) -> tuple[str, str]:
        """(kind, name), or ("pods", selector)."""
        return next((key, getattr(self, key)) for key in (*RESOURCES, "pods") if getattr(self, key) is not None)
