"""Stores that outlive the process: messages to be sent, and the events that came back."""
