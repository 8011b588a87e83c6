"""The `diracgan` command."""
