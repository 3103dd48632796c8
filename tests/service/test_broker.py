"""What is said of a broker that cannot be one, before anything is begun."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.celery.app import level_of
from service.background.broker import broker_of
from service.composition import open_service
from service.settings import Misconfigured, load_settings

CHECKOUT = Path(__file__).parents[2]
EX_CONFIG = 78


@pytest.mark.parametrize(
    ("queue", "url"),
    [
        ("celery+amqp://user:secret@host:5672/vhost", "amqp://user:secret@host:5672/vhost"),
        ("celery+amqps://host//", "amqps://host//"),
        ("celery+redis://:secret@host/0", "redis://:secret@host/0"),
        ("celery+rediss://host:6380/1", "rediss://host:6380/1"),
    ],
)
def test_a_broker_is_named_as_celery_names_it(queue: str, url: str) -> None:
    assert broker_of(load_settings(queue=SecretStr(queue))) == url


def test_without_one_the_ledger_is_the_queue() -> None:
    assert broker_of(load_settings()) is None


@pytest.mark.parametrize(
    ("queue", "said"),
    [
        ("redis://:secret@host", "names no engine that there is"),
        ("arq+redis://:secret@host", "names no engine that there is"),
        ("celery", "names no engine that there is"),
        ("celery+sqs://secret@host", "names 'sqs', which is no broker of ours"),
        ("celery+redis://", "is no URL of a broker"),
        ("celery+amqp://user:secret@host:port/", "is no URL of a broker"),
        ("celery+amqp://user:secret@[host/", "is no URL of a broker"),
    ],
)
def test_what_is_no_broker_is_refused_with_a_sentence_that_tells_no_secret(queue: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said) as refused:
        broker_of(load_settings(queue=SecretStr(queue)))
    assert "ACTIONBUS_QUEUE" in str(refused.value)
    assert "secret" not in str(refused.value)


async def test_no_service_is_opened_without_what_its_queue_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "celery", None)  # as though it was not installed
    with pytest.raises(Misconfigured, match=r"pip install 'actionbus\[celery\]'"):
        async with open_service(load_settings(queue=SecretStr("celery+redis://host"))):
            pass


def test_workers_on_the_ledger_are_refused_beside_a_broker() -> None:
    with pytest.raises(Misconfigured, match="ACTIONBUS_WORKERS"):
        broker_of(load_settings(queue=SecretStr("celery+redis://host"), workers=2))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("service.cli", "relay"), "A relay needs a broker"),
        (("celery", "--app=service.celery", "worker"), "Celery's workers need a broker"),
    ],
)
def test_who_needs_a_broker_says_so(command: tuple[str, ...], said: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (ended.returncode, said in ended.stderr) == (EX_CONFIG, True)


def test_priorities_keep_their_order_on_both_brokers() -> None:
    priorities = (-100, -2, 0, 3, 100)
    rabbitmq = [level_of(each, redis=False) for each in priorities]
    redis = [level_of(each, redis=True) for each in priorities]
    assert rabbitmq == sorted({*rabbitmq})
    assert redis == sorted({*redis}, reverse=True)
    assert {*rabbitmq, *redis} <= {*range(10)}
