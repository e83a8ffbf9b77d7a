"""Alerts: what is watched for, and what was told."""
