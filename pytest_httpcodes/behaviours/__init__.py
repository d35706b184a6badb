"""What the server can do, a module for each mechanism, in reading order.

- `common`: what every resource does: known methods, the origin's scheme, the largest content
- `options`, `faults`, `applied`: what can be asked of an answer: delay, Retry-After, fields,
  content, and where it breaks
- `status`, `required`: any code at will, with the fields that it requires
- `redirection`, `location`: 300 301 302 303 305 306 307 308 in chains, loops and a black hole
- `script`, `reply`: the n-th reply to the n-th request
- `reading`: the journal as a resource
- `cors`: what lets a page of another origin read an answer
"""
