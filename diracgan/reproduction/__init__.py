"""The papers again: figures, tables, lemma checks, errata, and the report that holds them."""
