"""What the provider bills: narrow records of all messages, totals, prices, and the files made of them."""
