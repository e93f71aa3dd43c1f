"""The simulator as a server: the V2 API over HTTP, callbacks posted in real time, and a control API beside it."""
