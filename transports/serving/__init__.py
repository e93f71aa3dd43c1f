"""Listening under uvicorn, for whatever is served here: a socket first, and connections that are limited."""
