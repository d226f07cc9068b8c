"""What Slack asks of a message to an incoming webhook, as a check.

Rules, from the vendor's pages as of November 2026, as far as the blocks that a notification uses:

- `text` or `blocks`; where there are blocks, `text` is what notifications show, and we ask for it;
- at most 50 blocks; `block_id` at most 255 characters;
- header: `text` is plain_text of 1 to 150 characters;
- section: `text` (1 to 3000 characters) or `fields` (1 to 10 texts of 1 to 2000 characters), or both;
- context: 1 to 10 elements, each a text or an image with `image_url` and `alt_text`;
- divider: nothing; actions: 1 to 25 elements;
- a text object is plain_text (may have `emoji`) or mrkdwn (may have `verbatim`), never with the other's;
- in mrkdwn, `&`, `<` and `>` stand only in entities and in links, mentions and dates between `<` and `>`; a
  mention that pings everybody (`<!channel>`, `<!here>`, `<!everyone>`) is refused, which is our rule.

Source:
    https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
    https://docs.slack.dev/reference/block-kit/blocks (header, section, context, divider, actions),
    https://docs.slack.dev/reference/block-kit/composition-objects/text-object and
    https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

MAX_BLOCKS: Final = 50
MAX_TEXT: Final = 40_000
BLOCK_ID_LENGTH: Final = 255
HEADER_LENGTH: Final = 150
SECTION_LENGTH: Final = 3000
FIELDS: Final = 10
FIELD_LENGTH: Final = 2000
CONTEXT_ELEMENTS: Final = 10
ACTIONS: Final = 25

Block: TypeAlias = Mapping[str, object]

_KNOWN = {"text", "blocks", "attachments", "mrkdwn", "unfurl_links", "unfurl_media"}
_ENTITY_OR_LINK = re.compile(r"&(?:amp|lt|gt);|<[^<>\s][^<>]*>")
_PINGS_ALL = re.compile(r"<!(?:channel|here|everyone)(?:\||>)")


def problems_of(message: object) -> list[str]:
    """What is wrong with a decoded message; empty if nothing is."""
    if not isinstance(message, Mapping):
        return ["message must be an object"]
    return list(_message(message))


def _message(message: Block) -> Iterator[str]:
    for name in message.keys() - _KNOWN:
        yield f"{name} is not a field of a message"
    text = message.get("text")
    if not isinstance(text, str) or not 1 <= len(text) <= MAX_TEXT:
        yield f"text must be a string of 1 to {MAX_TEXT} characters"
    else:
        yield from _markup("text", text)
    blocks = message.get("blocks", [])
    if not isinstance(blocks, list) or len(blocks) > MAX_BLOCKS:
        yield f"blocks must be a list of at most {MAX_BLOCKS}"
        return
    for position, block in enumerate(blocks):
        yield from _block(f"blocks[{position}]", block)


def _block(where: str, block: object) -> Iterator[str]:
    if not isinstance(block, Mapping):
        yield f"{where} must be an object"
        return
    rule = _BLOCKS.get(str(block.get("type")))
    if rule is None:
        yield f"{where}.type must be one of {', '.join(sorted(_BLOCKS))}, got {block.get('type')!r}"
        return
    known, check = rule
    for name in block.keys() - known - {"type", "block_id"}:
        yield f"{where}.{name} is not a field of a {block['type']} block"
    block_id = block.get("block_id", "")
    if not isinstance(block_id, str) or len(block_id) > BLOCK_ID_LENGTH:
        yield f"{where}.block_id must be a string of at most {BLOCK_ID_LENGTH} characters"
    yield from check(where, block)


def _header(where: str, block: Block) -> Iterator[str]:
    yield from _text(f"{where}.text", block.get("text"), HEADER_LENGTH, only="plain_text")


def _section(where: str, block: Block) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield f"{where} must have text or fields"
    if "text" in block:
        yield from _text(f"{where}.text", block["text"], SECTION_LENGTH)
    if "fields" in block:
        yield from _list(f"{where}.fields", block["fields"], FIELDS, _field)


def _field(where: str, field: object) -> Iterator[str]:
    yield from _text(where, field, FIELD_LENGTH)


def _context(where: str, block: Block) -> Iterator[str]:
    yield from _list(f"{where}.elements", block.get("elements"), CONTEXT_ELEMENTS, _context_element)


def _context_element(where: str, element: object) -> Iterator[str]:
    if isinstance(element, Mapping) and element.get("type") == "image":
        for name in ("image_url", "alt_text"):
            if not isinstance(element.get(name), str):
                yield f"{where}.{name} must be a string"
        return
    yield from _text(where, element, SECTION_LENGTH)


def _actions(where: str, block: Block) -> Iterator[str]:
    yield from _list(f"{where}.elements", block.get("elements"), ACTIONS, _action)


def _action(where: str, element: object) -> Iterator[str]:
    if not isinstance(element, Mapping) or not isinstance(element.get("type"), str):
        yield f"{where} must be an object with a type"


def _divider(_where: str, _block: Block) -> Iterator[str]:
    yield from ()


def _list(
    where: str, elements: object, most: int, check: Callable[[str, object], Iterator[str]]
) -> Iterator[str]:
    if not isinstance(elements, list) or not 1 <= len(elements) <= most:
        yield f"{where} must be a list of 1 to {most}"
        return
    for position, element in enumerate(elements):
        yield from check(f"{where}[{position}]", element)


def _text(where: str, text: object, most: int, only: str | None = None) -> Iterator[str]:
    if not isinstance(text, Mapping):
        yield f"{where} must be a text object"
        return
    kinds = (only,) if only else ("plain_text", "mrkdwn")
    kind = text.get("type")
    if kind not in kinds:
        yield f"{where}.type must be {' or '.join(kinds)}, got {kind!r}"
        return
    option = "emoji" if kind == "plain_text" else "verbatim"
    for name in text.keys() - {"type", "text", option}:
        yield f"{where}.{name} is not a field of a {kind} text"
    if not isinstance(text.get(option, False), bool):
        yield f"{where}.{option} must be true or false"
    value = text.get("text")
    if not isinstance(value, str) or not 1 <= len(value) <= most:
        yield f"{where}.text must be a string of 1 to {most} characters"
    elif kind == "mrkdwn":
        yield from _markup(f"{where}.text", value)


def _markup(where: str, text: str) -> Iterator[str]:
    if _PINGS_ALL.search(text):
        yield f"{where} pings a whole channel"
    rest = _ENTITY_OR_LINK.sub("", text)
    if any(mark in rest for mark in "&<>"):
        yield f"{where} has an '&', '<' or '>' that is not escaped"


_BLOCKS: dict[str, tuple[set[str], Callable[[str, Block], Iterator[str]]]] = {
    "header": ({"text"}, _header),
    "section": ({"text", "fields", "accessory", "expand"}, _section),
    "context": ({"elements"}, _context),
    "divider": (set(), _divider),
    "actions": ({"elements"}, _actions),
}
