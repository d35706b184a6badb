"""What request and response fields mean: pure functions, a module for each mechanism.

No function here knows a socket, a clock or a resource; each is a restatement of its section.
"""
