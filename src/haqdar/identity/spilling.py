"""What an engine of identity spills to the disk when memory is short: never in clear."""

SPILL_ENCRYPTED = {
    "temp_file_encryption": True,
    # The engine's own cryptography; its other one would have to be downloaded.
    "force_mbedtls_unsafe": True,
}
"""Settings of DuckDB. The key is drawn anew for each engine and lives in its memory only; the engine draws it with a generator of 64
bits that is not made for keys. That protects what a killed process leaves on a disk; what is kept is sealed otherwise."""
