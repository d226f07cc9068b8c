"""Who counts."""

import os

import pytest

from actors.recording import Identity


def test_two_processes_are_two_instances_of_one_service() -> None:
    one, other = (Identity("scoring", {"host.name": "a"}).attributes() for _ in range(2))
    assert one.pop("service.instance.id") != other.pop("service.instance.id")
    assert one == other
    assert (one["service.name"], one["host.name"]) == ("scoring", "a")


def test_instance_stays_the_same_as_long_as_the_process_does() -> None:
    identity = Identity("scoring", {})
    assert identity.attributes() == identity.attributes()


def test_forked_process_is_an_instance_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    identity = Identity("scoring", {})
    parents = identity.attributes()["service.instance.id"]
    monkeypatch.setattr(os, "getpid", lambda: 4_194_305)
    childs = identity.attributes()["service.instance.id"]
    assert childs != parents
    assert identity.attributes()["service.instance.id"] == childs
