"""What holds for every test."""

from hypothesis import settings

# Speed is measured in tests/benchmarks: a busy machine must not fail a law.
settings.register_profile("project", deadline=None)
settings.load_profile("project")
