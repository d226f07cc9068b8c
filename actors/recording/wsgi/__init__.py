"""Predictions behind a WSGI application (PEP 3333), timed from its call to the close of its response."""

from actors.recording.wsgi.middleware import PredictionWSGIMiddleware

__all__ = ["PredictionWSGIMiddleware"]
