"""What the manual derives from the package: Markdown for Sphinx, written before it reads."""
