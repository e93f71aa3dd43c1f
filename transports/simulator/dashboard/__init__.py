"""The Dashboard API: XML in and out, over an account and its office. Pure: a request in, an answer out."""
