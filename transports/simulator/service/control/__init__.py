"""The control API: everything that a person or a test may want of the provider, as JSON over HTTP."""
