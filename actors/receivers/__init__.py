"""Whoever is to be told: one supervised actor for each receiver, which sends what the outbox owes it."""

from actors.receivers.factory import build_destination
from actors.receivers.queue import Owed, Queue
from actors.receivers.receiver import Receiver

__all__ = ["Owed", "Queue", "Receiver", "build_destination"]
