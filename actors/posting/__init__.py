"""One POST to somewhere else, bounded in time and size: how it ends is a value, and no secret is told."""

from actors.posting.answer import Answer, NoAnswer
from actors.posting.retry_delay import MAX_RETRY_AFTER, RetryDelay, read_retry_after
from actors.posting.sender import create_client, post

__all__ = ["MAX_RETRY_AFTER", "Answer", "NoAnswer", "RetryDelay", "create_client", "post", "read_retry_after"]
