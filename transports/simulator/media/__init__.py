"""The provider's media store: files of the account, and attachments that have come in."""
