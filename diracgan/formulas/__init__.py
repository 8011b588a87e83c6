"""What a method looks like on paper: formulas derived by SymPy, and their LaTeX."""
