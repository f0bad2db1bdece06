"""Who is on call, and what counts as working time. Rules are wall times in an IANA zone; instants are UTC."""
