"""Notifications: which channels a notice takes, and the outbox that delivers it."""
