"""`artisan.toml` and `runbooks.toml` -> frozen models.

Every error names file, line, key and the mend, and all errors are told at once. A
configuration that was read is complete and sound; nothing later has to check again.
"""
