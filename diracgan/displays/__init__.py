"""What a notebook shows of an answer: tables in HTML, pictures, formulas."""
