"""How the endpoints are served: calls are checked by their models, and what is wrong is said in a sentence.

Gradio's API page, its OpenAPI description and MCP show the descriptions, schemas and required arguments of
`demos.endpoints`.
"""

from __future__ import annotations

import inspect
import json
import logging
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import gradio as gr
from cachetools import LRUCache
from fastapi import Request
from fastapi.responses import JSONResponse
from gradio.blocks import BlocksConfig
from gradio.context import Context
from gradio.route_utils import FnIndexInferError
from gradio.state_holder import SessionState
from pydantic import ValidationError

from demos.codec import CodecError, Codecs, Unavailable, UnknownPair
from demos.endpoints import ENDPOINTS, Endpoint, Json
from demos.ui.i18n import error_text
from demos.ui.live import LONG, SHORT
from demos.ui.speaking_map import MAPS

FORGOTTEN = 300.0  # seconds; assets/connection.js knows that a page that slept for long is forgotten
LOOKS = 5.0  # seconds between two looks for such pages
SESSION = 100_000  # bytes of a session that holds nothing else
MOST_LEFT = 32 << 20  # bytes that pages which were left may hold together; the oldest are forgotten first
REMEMBERED = 20_000  # names of sessions that were there
OPENAPI = "/gradio_api/openapi.json"
NO_ENDPOINT = f"There is no such endpoint; {OPENAPI} lists them."
# What the page says in its own words, with a button that loads it anew; assets/connection.js knows it.
FORGOTTEN_VISIT = "The server has forgotten this visit. Load the page anew."


class BadCall(Exception):
    """A call with arguments that the endpoint does not take: one sentence that names the argument.

    What it quotes of the call is written so that it can be printed: the line separators of Unicode end a line
    for many clients, and so an answer.
    """

    def __init__(self, message: str) -> None:
        escaped = (one if one.isprintable() else one.encode("unicode_escape").decode() for one in message)
        super().__init__("".join(escaped))


def read(name: str, arguments: Mapping[str, Any]) -> Endpoint:
    """The checked arguments of a call; BadCall says in a sentence what is wrong with them."""
    model = ENDPOINTS[name]
    unknown = [str(argument)[:40] for argument in arguments if argument not in model.model_fields]
    if unknown:
        raise BadCall(f"{unknown[0]} is no argument of /{name}, which takes {', '.join(model.model_fields)}.")
    try:
        return model.model_validate(dict(arguments))
    except ValidationError as error:
        raise BadCall(_sentence(name, error)) from None


def ask(codecs: Codecs, name: str, arguments: Mapping[str, Any]) -> Iterator[Json]:
    """The answers to a call: what there is so far, at last the whole.

    Raises:
        BadCall: what is wrong with an argument.
        CodecError: a pair cannot be had, or too many calls wait.
    """
    question = read(name, arguments)
    try:
        codec = codecs.get(question.pair or None)
    except UnknownPair as error:
        raise BadCall(f"{error.about('pair')}.") from None
    try:
        yield from question.answers(codec)
    except Unavailable:
        raise
    except CodecError as error:
        raise BadCall(f"{error.about(question.subject(error))}.") from None


def _sentence(name: str, error: ValidationError) -> str:
    """What is wrong with the first argument that is."""
    wrong = error.errors(include_url=False, include_context=False)[0]
    if wrong["type"] == "value_error":
        return wrong["msg"].removeprefix("Value error, ") + "."
    first, *inside = wrong["loc"]
    schema = schemas(name)[str(first)]
    where = str(first)
    for step in inside:
        if not isinstance(step, int | str) or not (isinstance(step, int) or "additionalProperties" in schema):
            continue  # pydantic's name of a branch
        where += f"[{step}]" if isinstance(step, int) else f"[{json.dumps(step[:40], ensure_ascii=False)}]"
        schema = _inner(schema)
    said = _shown(wrong["input"], wrong["type"])
    return f"{where} {said}, expected {expected(schema)}."


def _inner(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a list's items or an object's values."""
    for branch in (schema, *schema.get("anyOf", ())):
        for key in ("items", "additionalProperties"):
            if isinstance(branch.get(key), dict):
                return dict(branch[key])
    return dict(schema)


def _shown(value: Any, problem: str) -> str:
    """A value that is wrong, as the sentence says it."""
    if problem == "missing":
        return "is missing"
    if problem == "string_unicode":
        return "has half of a surrogate pair"
    if problem in ("too_long", "too_short"):
        return f"has {len(value)} items"
    if problem in ("string_too_long", "string_too_short"):
        return f"has {len(value)} characters"
    if isinstance(value, dict | list):
        return "is an object" if isinstance(value, dict) else "is a list"
    if isinstance(value, int) and value.bit_length() > 64:
        return "is a huge number"
    shown = json.dumps(value, ensure_ascii=False) if isinstance(value, str | int | float | None) else "?"
    return f"is {shown if len(shown) <= 40 else shown[:39] + '…'}"


def expected(schema: Mapping[str, Any]) -> str:
    """What a value may be, in words: "a list of 1 to 8 texts"."""
    if "anyOf" in schema:
        return " or ".join(expected(branch) for branch in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(json.dumps(value) for value in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        size = f"{least} to {most} " if most is not None and least else f"at most {most} " if most else ""
        return f"a list of {size}{_several(schema['items'])}"
    if kind == "object":
        return f"an object of {_several(schema['additionalProperties'])} by name"
    if kind == "string":
        return f"a text of at most {schema['maxLength']} characters" if "maxLength" in schema else "a text"
    if kind in ("integer", "number"):
        return f"{'a whole number' if kind == 'integer' else 'a number'}{_range(schema)}"
    return {"boolean": "true or false", "null": "null"}[str(kind)]


def _several(schema: Mapping[str, Any]) -> str:
    kinds = {"string": "texts", "integer": "whole numbers", "number": "numbers", "array": "lists of numbers"}
    return kinds[schema["type"]] + _range(schema)


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    return "" if low is None or high is None else f" from {low:g} to {high:g}"


# ---- what is said of an endpoint, and how Gradio serves it ----


@cache
def schemas(name: str) -> dict[str, dict[str, Any]]:
    """The JSON schema of each argument of an endpoint."""
    found: dict[str, dict[str, Any]] = ENDPOINTS[name].model_json_schema()["properties"]
    return {argument: {k: v for k, v in one.items() if k != "title"} for argument, one in found.items()}


def required(name: str) -> list[str]:
    """The arguments that an endpoint cannot do without."""
    return [argument for argument, field in ENDPOINTS[name].model_fields.items() if field.is_required()]


def with_required(description: bytes) -> bytes:
    """Gradio's OpenAPI description, in which nothing is required, with what is."""
    told = json.loads(description)
    for name in ENDPOINTS:
        body = told["paths"][f"/gradio_api/call/v2/{name}"]["post"]["requestBody"]
        body["content"]["application/json"]["schema"]["required"] = required(name)
    return json.dumps(told).encode()


def docstring(name: str) -> str:
    """What Gradio reads the descriptions of an endpoint and its arguments from."""
    model = ENDPOINTS[name]
    described = [f"    {argument}: {field.description}" for argument, field in model.model_fields.items()]
    about = " ".join(inspect.cleandoc(model.__doc__ or "").split())
    return "\n".join([about, "", "Args:", *described, "", "Returns:", f"    {model.returns}"])


class _Missing:
    """Stands in the place of an argument that a call did not have."""


class _Visit(BlocksConfig):
    """The parts and events of one session."""

    @staticmethod
    def config_for_block(*_: Any, **__: Any) -> dict[str, Any]:
        """None: only Gradio's links to a state of the page need them, and this page has its own links."""
        return {}


class _Page(BlocksConfig):
    """The parts and events of the page; a copy is a session's.

    Left to itself, Gradio describes all parts anew for each session, and so for each call of an endpoint,
    which takes about as long as a quick answer, and keeps what each of them shows a second time.
    """

    def __copy__(self) -> _Visit:
        visit = _Visit(self.root_block)
        vars(visit).update(vars(super().__copy__()))  # type: ignore[no-untyped-call]
        return visit


class Blocks(gr.Blocks):
    """A page whose endpoints get a call's arguments as they came, also too few and too many: the endpoint's
    model checks them. None of them is a file, and none is kept in the caller's session.

    A session is a tenth of a megabyte and all that its page holds. One of calls alone ends with each of
    them, and one whose page was left is forgotten `FORGOTTEN` seconds after its last event, or sooner where
    such pages hold more than `MOST_LEFT`: ten thousand sentences are 20 MB. A page that only seemed left
    (Gradio takes a moment without a network for that) is told so when it asks again: the new session that
    Gradio begins for it knows nothing of what the page shows.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        page = _Page(self)
        vars(page).update(vars(self.default_config))
        self.default_config = page
        self._looked = 0.0
        self._met: LRUCache[str, weakref.ref[SessionState]] = LRUCache(REMEMBERED)

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *args: Any, **kwargs: Any) -> Any:
        wanted = getattr(block_fn.fn, "arguments", None)
        if wanted is None:
            return await super().preprocess_data(block_fn, inputs, *args, **kwargs)
        return [*inputs, *[_Missing] * (len(wanted) - len(inputs))]

    async def process_api(self, block_fn: Any, *args: Any, **kwargs: Any) -> Any:
        name, sessions = kwargs.get("session_hash") or "", self.state_holder.session_data
        if not hasattr(block_fn.fn, "arguments") and name in sessions:
            session = sessions[name]
            if self._met.setdefault(name, weakref.ref(session))() is not session:
                self._forget(name)
                raise gr.Error(FORGOTTEN_VISIT, print_exception=False)
        try:
            return await super().process_api(block_fn, *args, **kwargs)
        finally:
            if hasattr(block_fn.fn, "arguments") and name in sessions and not sessions[name].state_data:
                self._forget(name)
            if time.monotonic() - self._looked > LOOKS:
                self._looked = time.monotonic()
                self.forget_left()

    def forget_left(self) -> None:
        """Forget the pages that were left long ago, and the oldest of those that hold too much together."""
        now, held = datetime.now(), 0
        sessions = list(self.state_holder.session_data.items())
        used = {name: self.state_holder.time_last_used.get(name, now) for name, _ in sessions}
        for name, session in sorted(sessions, key=lambda one: used[one[0]], reverse=True):
            if not session.is_closed:
                continue
            held += SESSION + sum(getattr(value, "nbytes", 0) for value in session.state_data.values())
            held += MAPS.nbytes(name)
            if (now - used[name]).total_seconds() > FORGOTTEN or held > MOST_LEFT:
                self._forget(name)
        MAPS.forget_others(self.state_holder.session_data)

    def _forget(self, name: str) -> None:
        self.state_holder.session_data.pop(name, None)
        self.state_holder.time_last_used.pop(name, None)


def build(codecs: Codecs) -> None:
    """Adds the endpoints to the page that is being built, a `Blocks`."""
    page = Context.root_block
    assert page is not None
    for name, model in ENDPOINTS.items():
        before = set(page.fns)
        function = _function(codecs, name)
        gr.api(function, api_name=name, **(LONG if model.streams else SHORT))  # type: ignore[attr-defined]
        (number,) = set(page.fns) - before
        # Gradio makes its schemas from type hints, which say neither ranges nor sizes.
        inputs: Sequence[Any] = page.fns[number].inputs
        for block, schema in zip(inputs, schemas(name).values(), strict=True):
            block._api_info = schema


def _function(codecs: Codecs, name: str) -> Any:
    """An endpoint as Gradio wants it: with a signature, type hints and a docstring."""
    model = ENDPOINTS[name]

    def stream(*values: Any) -> Iterator[Json]:
        if len(values) > len(model.model_fields):
            message = f"/{name} takes at most {len(model.model_fields)} arguments, got {len(values)}."
            raise gr.Error(message, print_exception=False)
        given = {k: v for k, v in zip(model.model_fields, values, strict=False) if v is not _Missing}
        try:
            yield from ask(codecs, name, given)
        except (BadCall, CodecError) as error:
            raise gr.Error(str(error), print_exception=False) from None
        except gr.Error as error:  # such as ZeroGPU's
            raise gr.Error(error_text(error), print_exception=False) from None
        except Exception:
            logging.getLogger(__name__).exception("/%s failed", name)
            message = f"/{name} failed on this call, and the log of the app says why."
            raise gr.Error(message, print_exception=False) from None

    def whole(*values: Any) -> Json:
        (found,) = stream(*values)
        return found

    function: Any = stream if model.streams else whole
    parameters = [
        inspect.Parameter(
            argument,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=inspect.Parameter.empty if field.is_required() else field.default,
            annotation=field.annotation,
        )
        for argument, field in model.model_fields.items()
    ]
    function.__name__ = name
    function.__doc__ = docstring(name)
    function.__signature__ = inspect.Signature(parameters, return_annotation=Any)
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    function.arguments = tuple(model.model_fields)
    return function


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    """Gradio raises a TypeError for a call by names that lacks an argument or has an unknown one, and the
    others for a call of what is not there."""
    asked = request.url.path.partition("/gradio_api/")[2]
    if isinstance(error, TypeError) and asked.startswith("call/v2/"):
        return JSONResponse({"detail": str(error).split(". ")[0] + "."}, status_code=422)
    if not isinstance(error, TypeError) and asked.startswith(("call/", "run/", "api/", "queue/join")):
        return JSONResponse({"detail": NO_ENDPOINT}, status_code=404)
    raise error


# For FastAPI.
EXCEPTION_HANDLERS: dict[Any, Any] = dict.fromkeys((TypeError, KeyError, FnIndexInferError), _refuse)


def check_tools(page: gr.Blocks) -> None:
    """Lets the endpoints' models check the calls of the launched page's MCP server, if it has one.

    The server's own check does not name the argument, and repeats it in full.
    """
    if page.mcp_server_obj is None:
        return
    from mcp import types

    tools, server = page.mcp_server_obj.tool_to_endpoint, page.mcp_server_obj.mcp_server
    served = server.request_handlers[types.CallToolRequest]

    async def checked(request: types.CallToolRequest) -> types.ServerResult:
        name = tools.get(request.params.name, "").strip("/")
        try:
            if name in ENDPOINTS:
                read(name, request.params.arguments or {})
        except BadCall as error:
            content: list[Any] = [types.TextContent(type="text", text=str(error))]
            return types.ServerResult(types.CallToolResult(content=content, isError=True))
        return await served(request)

    server.request_handlers[types.CallToolRequest] = checked
