"""`artisan.toml` and `runbooks.toml` -> frozen models.

Every error names the file, the line, the key and the correction, and all errors are reported at once. A
configuration that was read is complete and valid, so later code does not check it again.
"""
