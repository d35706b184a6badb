"""One reply of a script, from whatever a test gives for it; each mistake is named at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_httpcodes.behaviours.applied import Answer, asked
from pytest_httpcodes.behaviours.faults import Fault
from pytest_httpcodes.behaviours.options import Options, applicable, body_of, options
from pytest_httpcodes.behaviours.status import CodeReply
from pytest_httpcodes.resource import Site
from pytest_httpcodes.wire.received import Received
from pytest_httpcodes.wire.steps import (
    STEPS,
    Content,
    End,
    Head,
    Interim,
    Pause,
    Step,
    Steps,
    is_response,
    is_step,
)
from pytest_httpcodes.wire.writer import lower

if TYPE_CHECKING:
    from werkzeug.wrappers import Request as WerkzeugRequest
    from werkzeug.wrappers import Response

_WHAT = (
    "a code, (code, headers), (code, headers, content), bytes or str, a dict or list, a Werkzeug "
    "Response, a Fault, a wire step such as Reset(), Steps(...), or a callable from the request to "
    "these"
)
_TUPLE = "a tuple is (code, headers) or (code, headers, content)"


def name_of(answer: Any) -> str:
    """Return what a reply given in Python is called in the script's URL."""
    if isinstance(answer, tuple) and answer:
        answer = answer[0]
    if isinstance(answer, int):
        return str(int(answer))
    if isinstance(answer, Fault):
        return answer.kind
    return type(answer).__name__.lower() if is_step(answer) else "reply"


def read(site: Site, answer: Any, given: Options) -> Answer:
    """Read one reply given in Python; raises `ValueError` or `TypeError` that says what to use."""
    if isinstance(answer, type) and (answer in STEPS or hasattr(answer, "get_wsgi_response")):
        raise TypeError(f"{answer!r} is a class and no reply; use {answer.__name__}(...)")
    if isinstance(answer, bool) or answer is None:
        raise TypeError(f"{answer!r} is no reply; use {_WHAT}")
    if isinstance(answer, int):
        return CodeReply(site, int(answer), applicable(answer, given))
    if isinstance(answer, (bytes, str, dict, list)):
        return CodeReply(site, 200, replace(applicable(200, given), body=body_of(answer)))
    if isinstance(answer, tuple):
        return _tuple(site, answer, given)
    if isinstance(answer, Fault):
        return broken(site, answer, given)
    if is_step(answer) or is_response(answer) or isinstance(answer, Steps):
        return _Fixed(answer, given)
    if callable(answer):
        return _Called(site, answer, given)
    raise TypeError(f"{answer!r} is no reply; use {_WHAT}")


def broken(site: Site, fault: Fault, given: Options) -> Answer:
    """Return the reply that a fault stands for: a 200 that breaks."""
    return CodeReply(site, 200, replace(applicable(200, given), fault=fault))


def _tuple(site: Site, answer: tuple[Any, ...], given: Options) -> Answer:
    if not 2 <= len(answer) <= 3 or isinstance(answer[0], bool) or not isinstance(answer[0], int):
        raise ValueError(f"{answer!r} is no reply; {_TUPLE}")
    code, headers, *content = answer
    if isinstance(headers, (bytes, str, int)) or headers is None:
        raise ValueError(f"{answer!r} is no reply, since {headers!r} are no headers; {_TUPLE}")
    own = options(headers=headers, content=content[0] if content else None)
    names = {name.lower() for name, _ in own.headers}
    inherited = tuple(line for line in given.headers if line[0].lower() not in names)
    base = applicable(code, given)
    return CodeReply(
        site, int(code), replace(base, headers=own.headers + inherited, body=own.body or base.body)
    )


class _Fixed:
    # Steps and Responses that were made beforehand.

    def __init__(self, answer: Steps | Step | Response, given: Options) -> None:
        steps = answer if isinstance(answer, Steps) else Steps(answer)
        self.given = given
        self._answer = answer
        code = _check(steps)
        self.refuses = code is not None and code >= 300
        self._used_up = False
        self._once = any(_is_once(part) for part in steps)

    def __call__(self, request: Received) -> Iterable[Step]:
        if self._used_up:
            raise RuntimeError(
                "a Response that streams from an iterator can be sent once; use a callable that "
                "makes one for each request"
            )
        self._used_up = self._once
        return lower(self._answer)


def _check(steps: Steps) -> int | None:
    # Raises for what would be no answer; returns its code if it has one.
    code = None
    for part in steps:
        final = _final_code(part)
        if final is not None:
            if code is not None:
                raise ValueError(f"{steps!r} has two final responses; send the second one as Raw")
            code = final
        elif code is None and isinstance(part, (Content, End)):
            raise ValueError(f"{part!r} is content without a Head in front of it")
    if code is None and all(isinstance(part, (Interim, Pause)) for part in steps):
        raise ValueError(
            f"{steps!r} ends without a final response; add a Response or a Head, or one of "
            f"Reset(), Close() and Stall()"
        )
    return code


def _final_code(part: Step | Response) -> int | None:
    if isinstance(part, Head):
        return part.status
    return part.status_code if is_response(part) else None


def _is_once(part: Step | Response) -> bool:
    # A file or a generator, which is at its end after it was sent.
    if not is_response(part) or part.is_sequence:
        return False
    return iter(part.response) is part.response


class _Called:
    # A callable of the test, which gets a Werkzeug Request.

    refuses = True

    def __init__(self, site: Site, function: Callable[[Any], Any], given: Options) -> None:
        self.given = given
        self._site = site
        self._function = function
        # What is done to the answer is done once, whatever the callable returns.
        self._inner = replace(given, delay=0.0, fault=None)

    def __call__(self, request: Received) -> Iterable[Step]:
        from pytest_httpcodes.environ import werkzeug_request

        made = werkzeug_request(request)
        with ExitStack() as stack:
            stack.callback(made.close)
            answer = self._call(made)
            if is_response(answer) and not answer.is_sequence:
                # What streams may go on reading the files of a form.
                answer.call_on_close(stack.pop_all().close)
        inner = read(self._site, answer, self._inner)
        # It may be a fault.
        return lower(asked(request, inner.given, self._site, inner))

    def _call(self, made: WerkzeugRequest) -> Any:
        from werkzeug.exceptions import HTTPException

        try:
            return self._function(made)
        except HTTPException as error:
            # Werkzeug's own way to answer from deep inside: abort(404).
            return error.get_response()
        except Exception:
            raise
        except BaseException as error:  # pytest.fail, or SystemExit
            raise RuntimeError(f"a callable of the script ended with {error!r}") from error
