"""Plays every request of tests/api/hostile/*.json: refused in the envelope, nothing echoed, nothing broken.

A case is {name, method, path, status, code} with, where it needs them, `headers` as pairs, `as` (null: without a token)
and a body: `body` as text, `body_base64`, or `body_parts` as pairs of text and how often; `path_tail` is such a pair.
`values` makes a request of each, which stands for {value}; {conversation}, {ana} and {ben} are ids. What must not come
back is MARKER.
"""

import base64
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import Pair
from tests.support.raw_http import RawAnswer, ask

pytestmark = pytest.mark.asyncio(loop_scope="module")
MARKER = "MARKER"
CORPUS = Path(__file__).parent / "hostile"
LISTED = [(path.stem, case) for path in sorted(CORPUS.glob("*.json")) for case in json.loads(path.read_text())]
CASES = {f"{stem}: {case['name']}": case for stem, case in LISTED}
assert len(CASES) == len(LISTED), "a name stands twice"


def _filled(text: str, pair: Pair, value: str | None) -> str:
    known = {"value": value or "", "conversation": pair.conversation_id, "ana": pair.ana.id, "ben": pair.ben.id}
    for name, found in known.items():
        text = text.replace(f"{{{name}}}", found)
    return text


def _body(case: dict[str, Any], pair: Pair, value: str | None) -> bytes:
    if "body_base64" in case:
        return base64.b64decode(case["body_base64"])
    parts = case.get("body_parts", [[case.get("body", ""), 1]])
    return b"".join(_filled(text, pair, value).encode() * times for text, times in parts)


async def _play(case: dict[str, Any], pair: Pair, value: str | None) -> RawAnswer:
    headers = [(name, _filled(text, pair, value)) for name, text in case.get("headers", [])]
    if case.get("as", "ana"):
        headers.append(("authorization", f"Bearer {pair.ana.tokens['access_token']}"))
    tail, times = case.get("path_tail", ("", 0))
    target = _filled(case["path"], pair, value) + tail * times
    return await ask(pair.service.app, case["method"], target, headers, _body(case, pair, value))


@pytest.mark.parametrize("name", CASES)
async def test_a_hostile_request_is_refused_and_harms_nobody(shared_pair: Pair, name: str) -> None:
    case = CASES[name]
    for value in case.get("values", [None]):
        answer = await _play(case, shared_pair, value)
        told = answer.status, answer.json().get("error", {}).get("code")
        assert told == (case["status"], case["code"]), (value, answer.body[:500])
        assert answer.json().keys() == {"error"}
        assert answer.json()["error"].keys() <= {"code", "message", "details"}
        assert MARKER.lower() not in f"{answer.body!r} {answer.headers}".lower(), value
        assert len(answer.body) < 5_000
    sent = await shared_pair.ana.send(shared_pair.conversation_id, uuid4().hex, "still here")
    assert sent.status_code == 201, sent.text
