"""What a method looks like on paper: formulas derived by SymPy, their LaTeX and their MathML."""
