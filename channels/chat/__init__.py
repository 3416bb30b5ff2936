"""The chat on our own page: the customer's browser is the provider, and the answer never leaves the house."""
