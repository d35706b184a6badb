"""What the server can do, a module for each mechanism, in reading order.

What everything is made of:

- `common`: what every resource does: known methods, the origin's scheme, the largest content
- `options`, `applied`: what can be asked of every answer: delay, Retry-After, fields, content
- `faults`, `malformed`, `flaky`: how an answer breaks, and where
- `representation`, `document`, `trace`: content with its validators, and what the methods do to it
- `option`, `instance`, `scenario`: a code, the condition that earns it, and the way past it
- `made`: content and rules of a test's own

The scenarios, by the code that each one earns, with the rules that they are made of:

- `informational`, `expectation`: 100 102 103 417, before the final response
- `switching` with `websocket`, `upgrade`: 101 426, another protocol on the same connection
- `methods`: 200 201 202 204 205, what the methods do when all is well
- `ranges` with `partial`: 206 416, parts of the content
- `delta`: 226, the change to a version
- `negotiation` with `media`, `variants`, `transparent`: 300 406 415 506, what suits whom
- `moved`: 301 302 303 306 307 308, somewhere else
- `conditional` with `preconditions`: 304 412 428, only if it is as the client thinks
- `syntax` with `strict_json`, `merge`: 400 409 422, what JSON content says
- `authentication` with `identity`, `schemes`, `digest`: 401 403 511, who may
- `refusal`, `gone`, `teapot`: 402 404 405 410 418 450 451, for what it is
- `limits` with `rate`: 411 413 420 429, how much and how often
- `stalled`, `silence`: 408 444, connections that stall or are cut
- `misdirected`: 421, for another origin
- `proxied` with `beside`: 305 407, through a proxy; that is `proxying` with `forwarding`, `asking`
  (407), `portal` (511) and `transforming` (203)
- `gateway` with `upstreams`, `revalidating`: 203 502 504, in front of what may break
- `protocol`: 414 431 494 501 505, what the wire refuses
- `availability` with `outage`: 425 500 503, not now
- `extension` with `mandatory`: 510, a policy that was not met
- `webdav.scenarios`: 207 208 423 424 507 508, trees of collections and files; `webdav` says more

Any code at will, earned or not:

- `status`, `required`: any code, with the fields that it requires
- `redirection`, `location`: redirects in chains, loops and a black hole
- `script`, `reply`: the n-th reply to the n-th request
- `reading`: the journal as a resource
- `cors`: what lets a page of another origin read an answer
"""

# Which module has the scenario of which code; it is imported when the code is asked for.
SCENARIOS: dict[str, tuple[int, ...]] = {
    "informational": (100, 102, 103),
    "switching": (101,),
    "methods": (200, 201, 202, 204, 205),
    "ranges": (206, 416),
    "delta": (226,),
    "negotiation": (300, 406, 415, 506),
    "moved": (301, 302, 303, 306, 307, 308),
    "conditional": (304, 412, 428),
    "syntax": (400, 409, 422),
    "authentication": (401, 403, 511),
    "refusal": (402, 404, 405, 450, 451),
    "gone": (410,),
    "teapot": (418,),
    "limits": (411, 413, 420, 429),
    "availability": (425, 500, 503),
    "extension": (510,),
    "stalled": (408,),
    "expectation": (417,),
    "protocol": (414, 431, 494, 501, 505),
    "silence": (444,),
    "misdirected": (421,),
    "proxied": (305, 407),
    "gateway": (203, 502, 504),
    "upgrade": (426,),
    "webdav.scenarios": (207, 208, 423, 424, 507, 508),
}
