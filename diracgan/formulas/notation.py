"""The notation in which the catalogue writes objectives and conventions, set as MathML: `parts`.

    L_D = E f(ψ(θ + σZ)), R = (γ/2)(|ψ| - k)₊²      subscripts by _ or as signs, powers by ^ or as signs
    γ/2; the published λ = 10 is γ = 20              words between formulas

Two letters or more are a word, unless they name a function; what stands between words is a formula.
"""

from __future__ import annotations

import re

# Longest first: words, names of several letters, numbers, letters with their prime, and signs.
_TOKEN = re.compile(
    r"(?P<name>(?:log|tanh|max)\b|(?:real|fake)(?=\)))|(?P<word>R[12]\b|(?:\d·)?[A-Za-z]{2,}(?:['_·-][A-Za-z]+)*)"
    r"|(?P<number>\d+(?:\.\d+)?|[½¼])|(?P<letter>[A-Za-zͰ-Ͽ∂∇]'?)"
    r"|(?P<up>[²³ᵀ])|(?P<low>[₀-₉₊])|(?P<sign>\S)"
)
_SCRIPTS = {"²": "<mn>2</mn>", "³": "<mn>3</mn>", "ᵀ": "<mi>T</mi>", "₊": "<mo>+</mo>"}
_SIGNS = {"-": "−", "<": "&lt;", ">": "&gt;", "&": "&amp;"}
_HALVES = {"½": ("1", "2"), "¼": ("1", "4")}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
# Pairs of letters that are a product, not a word.
_PRODUCTS = ("Jv", "Jᵀv")

Token = tuple[str, str]


def tokens(text: str) -> list[Token]:
    """The tokens of a text, each with its kind.

    >>> tokens("v - γ∇ of it")
    [('letter', 'v'), ('sign', '-'), ('letter', 'γ'), ('letter', '∇'), ('word', 'of'), ('word', 'it')]
    """
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind, token = str(match.lastgroup), match[0]
        if token in _PRODUCTS:
            found += [("letter", letter) for letter in token]
        elif token == "a" and found and found[-1][0] == "word":
            found.append(("word", token))  # an article
        else:
            found.append((kind, token))
    return found


class _Reader:
    """Reads tokens of a formula as MathML, one row at a time."""

    def __init__(self, given: list[Token]):
        self.given, self.at = given, 0

    def _next(self) -> Token | None:
        return self.given[self.at] if self.at < len(self.given) else None

    def row(self, end: str | None = None) -> list[str]:
        """Everything up to the bracket that closes, or to the end."""
        cells: list[str] = []
        while (token := self._next()) is not None and token[1] != end:
            if token[0] in ("up", "low") or token[1] in ("^", "_"):
                cells.append(self._scripts(cells.pop() if cells else "<mrow></mrow>"))
            else:
                cells.append(self._atom())
        return cells

    def _scripts(self, base: str) -> str:
        low, up = "", ""
        while (token := self._next()) is not None:
            if token[0] == "up" or token[1] == "^":
                up = self._script(token)
            elif token[0] == "low" or token[1] == "_":
                low = self._script(token)
            else:
                break
        kind = "msubsup" if low and up else "msub" if low else "msup"
        return f"<{kind}>{base}{low}{up}</{kind}>"

    def _script(self, token: Token) -> str:
        self.at += 1
        if token[0] in ("up", "low"):
            return _SCRIPTS.get(token[1]) or f"<mn>{'₀₁₂₃₄₅₆₇₈₉'.index(token[1])}</mn>"
        sign = ""
        if (following := self._next()) is not None and following[1] == "-":
            self.at, sign = self.at + 1, "<mo>−</mo>"
        return f"<mrow>{sign}{self._atom(bare=True)}</mrow>"

    def _atom(self, bare: bool = False) -> str:
        """One letter, number or sign, or a group in brackets, which are left away where it is `bare`."""
        token = self._next()
        if token is None:
            raise ValueError("nothing follows a sign that needs something")
        self.at += 1
        kind, text = token
        if kind == "number":
            top, bottom = _HALVES.get(text, (text, ""))
            return f"<mfrac><mn>{top}</mn><mn>{bottom}</mn></mfrac>" if bottom else f"<mn>{text}</mn>"
        if kind in ("letter", "name"):
            if text == "f'":
                return "<msup><mi>f</mi><mo>′</mo></msup>"
            return f"<mi>{'𝔼' if text == 'E' else text}</mi>"
        if text in _CLOSING or text == "|":
            end = _CLOSING.get(text, "|")
            inside = "".join(self.row(end))
            if self._next() is None:
                raise ValueError(f"no {end} closes a {text}")
            self.at += 1
            return inside if bare else f"<mrow><mo>{text}</mo>{inside}<mo>{end}</mo></mrow>"
        if text == "√":
            return f"<msqrt>{self._atom(bare=True)}</msqrt>"
        return f"<mo>{_SIGNS.get(text, text)}</mo>"


def mathematics(given: list[Token]) -> str:
    """A formula as MathML.

    >>> mathematics(tokens("(γ/2)ψ²"))[-42:]
    '<msup><mi>ψ</mi><mn>2</mn></msup></mrow>'
    """
    return f"<mrow>{''.join(_Reader(given).row())}</mrow>"


def parts(text: str) -> list[tuple[str, str]]:
    """A text as runs of ("text", words) and ("math", MathML); a formula ends at a comma outside of brackets.

    What cannot be read, such as an open bracket in somebody's own objective, stays text.

    >>> [kind for kind, _ in parts("L = ψθ, R = (γ/2)ψ² on the data")]
    ['math', 'text', 'math', 'text']
    >>> parts("f(t")
    [('text', 'f(t')]
    """
    try:
        return _joined(_runs(text))
    except ValueError:
        return [("text", text)]


def _runs(text: str) -> list[tuple[str, str]]:
    """Words and formulas in their order."""
    runs: list[tuple[str, str]] = []
    formula: list[Token] = []
    depth = 0

    def close() -> None:
        if formula:
            runs.append(("math", mathematics(formula)))
            formula.clear()

    for kind, token in tokens(text):
        depth += (token in _CLOSING) - (token in _CLOSING.values())
        if kind == "word" or (depth == 0 and token in ",;:"):
            close()
            runs.append(("text", token))
        else:
            formula.append((kind, token))
    close()
    return runs


def _joined(runs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Words that follow each other as one text, with the spaces between them and around formulas."""
    out: list[tuple[str, str]] = []
    for kind, text in runs:
        close_by = kind == "text" and text in ",;:"
        if kind == "math":
            if out and out[-1][0] == "text":
                out[-1] = ("text", out[-1][1] + " ")
            out.append((kind, text))
        elif out and out[-1][0] == "text":
            out[-1] = ("text", out[-1][1] + ("" if close_by else " ") + text)
        else:
            out.append(("text", ("" if close_by or not out else " ") + text))
    return out
