"""What an account of the provider has: credentials, locations, applications, numbers; and what each era allowed."""
