"""What a person sees of the server: pure functions of the table of codes."""
