"""The compiled kernel: small loops over strings and octets, without policy."""
