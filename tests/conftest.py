"""Settings of all tests."""

from hypothesis import settings

# No test judges by a stopwatch, and on a busy machine hypothesis' own would.
settings.register_profile("slokeeper", deadline=None, print_blob=True)
settings.load_profile("slokeeper")
