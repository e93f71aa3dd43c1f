"""msgcore: exact carrier-messaging encoding, numbers and plans, and the Messaging V2 protocol over any transport."""
