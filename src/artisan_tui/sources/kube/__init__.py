"""Kubernetes: how to reach a cluster, and what its objects say about an app."""
