"""The wire: octets become requests, and steps become octets (RFC 9112)."""
