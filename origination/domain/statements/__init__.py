"""Bank statements: reading them (CSV of banks, CAMT.053) and finding what each line pays. Pure."""
