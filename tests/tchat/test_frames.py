"""The parser is total: any text in, a frame out; and a frame is what its sender wrote."""

import json
import uuid

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from guichet.lib.text import clean_text
from tchat import frames
from tchat.exceptions import Refusal

NAME = "7f8b9c1e-3b1a-4c43-9d5b-5f2d3c7a9e10"
SENT = f'{{"t":"send","id":"{NAME}","body":'
BAD = {
    "binary": None,
    "empty text": "",
    "broken JSON": "{nope",
    "a list": "[1]",
    "null": "null",
    "a number": "3",
    "a string": '"send"',
    "100 000 brackets": "[" * 60_000,
    "100 000 braces": '{"t":' * 10_000,
    "5 000 digits": '{"t":"resume","after":' + "9" * 5000 + "}",
    "infinity": '{"t":"resume","after":1e999}',
    "NaN": '{"t":"resume","after":NaN}',
    "-Infinity": '{"t":"resume","after":-Infinity}',
    "a negative sequence": '{"t":"resume","after":-1}',
    "a sequence of 2^63": '{"t":"resume","after":9223372036854775808}',
    "a true sequence": '{"t":"resume","after":true}',
    "a decimal sequence": '{"t":"resume","after":1.0}',
    "a text sequence": '{"t":"ping","seq":"3"}',
    "no sequence": '{"t":"ping"}',
    "no kind": '{"seq":3}',
    "a list as kind": '{"t":["send"],"seq":3}',
    "an object as kind": '{"t":{"send":1}}',
    "an unknown kind": '{"t":"close","code":1000}',
    "an event of the house": '{"type":"chat.bell","t":"websocket.close","seq":1}',
    "a prototype": '{"__proto__":{"t":"ping"},"seq":1}',
    "a key twice": '{"t":"send","t":"ping","seq":1}',
    "lone surrogate": SENT + '"\\ud800"}',
    "NUL": SENT + '"a\\u0000b"}',
    "a list as body": SENT + '["x"]}',
    "no body": json.dumps({"t": "send", "id": NAME}),
    "no id": '{"t":"send","body":"x"}',
    "an id that is not one": '{"t":"send","id":"1; drop table","body":"x"}',
    "an id in braces": json.dumps({"t": "send", "id": "{" + NAME + "}", "body": "x"}),
    "too big": json.dumps({"t": "send", "id": NAME, "body": "é" * 70_000}, ensure_ascii=False),
}  # fmt: skip


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_parse_bad_frame(text):
    assert isinstance(frames.parse(text), frames.Bad)


def test_parse_bad_body_names_its_message():
    assert frames.parse(BAD["lone surrogate"]) == frames.Bad(NAME)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        (f'{{"t":"send","id":"{NAME}","body":"Bonsoir 🙂"}}', frames.Send(uuid.UUID(NAME), "Bonsoir 🙂")),
        ('{"t":"read","seq":12}', frames.Read(12)),
        ('{"t":"ping","seq":0}', frames.Ping(0)),
        ('{"t":"resume","after":0}', frames.Resume(0)),
        ('{"t":"typing","body":"Il m’a"}', frames.Typing()),
        ('{"t":"resume","after":3,"more":null}', frames.Resume(3)),
    ],
)
def test_parse_good_frame(text, frame):
    assert frames.parse(text) == frame


def test_err_tells_the_code_the_words_and_the_message():
    frame = frames.err(Refusal("too-long"), NAME)

    assert frame == {
        "t": "err",
        "code": "too-long",
        "text": "Ce message dépasse 4 000 caractères. Envoyez-le en plusieurs fois.",
        "id": NAME,
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
SHAPED = st.fixed_dictionaries(
    {"t": st.sampled_from(["send", "read", "ping", "resume"]) | JSON},
    optional={
        "id": st.uuids().map(str) | JSON,
        "body": st.text() | JSON,
        "seq": st.integers(0, 9) | JSON,
        "after": st.integers(0, 9) | JSON,
    },
)
SENDS = st.fixed_dictionaries({"t": st.just("send"), "id": st.uuids().map(str), "body": st.text(min_size=1)})


@settings(max_examples=800, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.text(), JSON.map(json.dumps), SHAPED.map(json.dumps), SENDS.map(json.dumps)))
@example(SENT + '"\\ud83d"}')
def test_parse_is_total(text):
    frame = frames.parse(text)

    assert isinstance(frame, frames.Frame)
    if isinstance(frame, frames.Send):
        clean_text(frame.body).encode()
        assert json.loads(text)["body"] == frame.body


@settings(max_examples=200, deadline=None)
@given(st.uuids(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_parse_gives_back_what_was_sent(name, body):
    text = json.dumps({"t": "send", "id": str(name), "body": body}, ensure_ascii=False)

    assert frames.parse(text) == frames.Send(name, body)
