"""WebDAV: 207 208 423 424 507 508, a tree of collections and files (RFC 4918, 5842 and 4331).

The tree, which knows of no request:

- `nodes`, `walking`, `merging`, `tree`: what is bound where, how it is walked, and COPY onto it
- `locks`: what is locked, until when and by whom

A request to it:

- `xml`, `calls`, `multistatus`, `listing`: what is read, and what is answered
- `scope`, `guarding`: which locks a write needs, and whether the `If` field has them
- `members`, `transfer`, `binding`, `locking`, `properties`, `propfind`, `proppatch`: the methods
- `collection`: all of them as one resource, in the stages of the pipeline

What a test and a client meet: `trees`, `steps`, `scenarios`.
"""
