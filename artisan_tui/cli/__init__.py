"""The plain-text twin. Calls the same commands; stdout is data, stderr is narration.

Exit codes are an interface: 0 yes or ok, 1 no or failed, 2 usage or configuration,
3 unknown, 4 waiting for a person.
"""
