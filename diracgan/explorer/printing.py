"""Graphs of scalar expressions as readable JavaScript: names for what is used twice, loops where they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from diracgan.explorer.expressions import Expressions
from diracgan.explorer.graph import Graph, Loop, Node

_LONGEST = 72


class Printer(Expressions):
    """Prints the statements that a list of result nodes needs, in an order that works."""

    def __init__(self, indent: str = "  "):
        super().__init__()
        self.lines: list[str] = []
        self.indent = indent
        self.uses: Counter[int] = Counter()
        self.crossing: set[int] = set()

    def body(self, results: Iterable[Node]) -> list[str]:
        """Print everything before the `return`, and give the expressions of the results."""
        results = list(results)
        self._print_scope(None, results)
        return [self.text(node)[0] for node in results]

    # ---- what is needed where

    def _needed(self, scope: Loop | None, results: Iterable[Node]) -> list[Node]:
        """The nodes that vary in `scope` and not deeper, reachable from `results`, counted by use."""
        seen: dict[int, Node] = {}
        stack = list(results)
        for node in stack:
            self.uses[node.id] += 1
        while stack:
            node = stack.pop()
            if node.id in seen or node.id in self.names:
                continue
            seen[node.id] = node
            for arg in self._inputs(node):
                self.uses[arg.id] += 1
                if arg.scope is not node.scope or node.op in ("sum", "out"):
                    self.crossing.add(arg.id)
                stack.append(arg)
        return sorted((node for node in seen.values() if node.scope is scope), key=lambda n: (n.level, n.id))

    def _inputs(self, node: Node) -> tuple[Node, ...]:
        """The nodes outside of any loop that it closes on which `node` depends."""
        if node.op == "sum":
            loop, term = node.value
            return tuple(self._captured(loop, [term]))
        if node.op == "out":
            loop = node.value[0]
            ends = [*loop.nexts, *([loop.condition] if loop.condition else [])]
            return (*loop.starts, *([loop.count] if loop.count else []), *self._captured(loop, ends))
        return node.args

    def _captured(self, loop: Loop, ends: list[Node]) -> list[Node]:
        """The nodes from outside of `loop` that its body reads."""
        found: dict[int, Node] = {}
        seen: set[int] = set()
        stack = list(ends)
        while stack:
            node = stack.pop()
            if node.id in seen:
                continue
            seen.add(node.id)
            if node.scope is None or node.scope.depth < loop.depth:
                found[node.id] = node
            else:
                stack.extend(self._inputs(node))
        return list(found.values())

    # ---- statements

    def _print_scope(self, scope: Loop | None, results: list[Node]) -> None:
        done: set[int] = set()
        nodes = self._needed(scope, results)
        for node in nodes:
            if node.op == "sum":
                if node.id not in done:
                    group = [
                        n for n in nodes if n.op == "sum" and n.level == node.level and n.value[0] is node.value[0]
                    ]
                    self._print_sums(node.value[0], group)
                    done.update(n.id for n in group)
            elif node.op == "out":
                if id(node.value[0]) not in done:
                    self._print_loop(node.value[0])
                    done.add(id(node.value[0]))
                self.names[node.id] = self.names[node.value[0].carried[node.value[1]].id]
            elif self._deserves_name(node):
                self._name(node)

    def _deserves_name(self, node: Node) -> bool:
        if node.op in ("constant", "input", "index", "table"):
            return False
        if node.op == "call":
            return True
        if node.op == "entry":
            return self.uses[node.id] > 1 or node.id in self.crossing
        text = self.text(node)[0]
        return self.uses[node.id] > 1 or node.id in self.crossing or len(text) > _LONGEST

    def _name(self, node: Node) -> None:
        text, name = self.text(node)[0], f"t{len(self.names) + 1}"
        self.lines.append(f"{self.indent}const {name} = {text};")
        self.names[node.id] = name

    def _print_sums(self, loop: Loop, sums: list[Node]) -> None:
        assert loop.count is not None
        for node in sums:
            self.names[node.id] = f"sum{len(self.names) + 1}"
        declared = ", ".join(f"{self.names[n.id]} = 0" for n in sums)
        self.lines.append(f"{self.indent}let {declared};")
        i = self.index(loop)
        self.lines.append(f"{self.indent}for (let {i} = 0; {i} < {self.text(loop.count)[0]}; {i}++) {{")
        known = dict(self.names)
        self._inside(loop, [n.value[1] for n in sums])
        for node in sums:
            self.lines.append(f"{self.indent}  {self.names[node.id]} += {self.text(node.value[1])[0]};")
        self.names = known
        self.lines.append(f"{self.indent}}}")

    def _print_loop(self, loop: Loop) -> None:
        for variable, start in zip(loop.carried, loop.starts, strict=True):
            text = self.text(start)[0]
            self.names[variable.id] = f"c{len(self.names) + 1}"
            self.lines.append(f"{self.indent}let {self.names[variable.id]} = {text};")
        if loop.count is not None:
            i = self.index(loop)
            self.lines.append(f"{self.indent}for (let {i} = 0; {i} < {self.text(loop.count)[0]}; {i}++) {{")
        else:
            self.lines.append(f"{self.indent}for (;;) {{")
        known = dict(self.names)
        if loop.condition is not None:
            self._inside(loop, [loop.condition])
            self.lines.append(f"{self.indent}  if (!({self.text(loop.condition)[0]})) break;")
        self._inside(loop, loop.nexts)
        moving = [
            (self.names[variable.id], self.text(after)[0])
            for variable, after in zip(loop.carried, loop.nexts, strict=True)
            if after is not variable
        ]
        self._assign(moving)
        self.names = known
        self.lines.append(f"{self.indent}}}")

    def _assign(self, moving: list[tuple[str, str]]) -> None:
        """All variables at once: a value that a later one still needs waits in a constant."""
        late = []
        for k, (name, text) in enumerate(moving):
            if any(re.search(rf"\b{name}\b", other) for _, other in moving[k + 1 :]):
                self.lines.append(f"{self.indent}  const next_{name} = {text};")
                late.append(f"{name} = next_{name};")
            else:
                self.lines.append(f"{self.indent}  {name} = {text};")
        self.lines += [f"{self.indent}  {line}" for line in late]

    def _inside(self, loop: Loop, ends: list[Node]) -> None:
        self.indent += "  "
        self._print_scope(loop, ends)
        self.indent = self.indent[:-2]


def function(graph: Graph, name: str, arguments: str, head: list[str], results: list[Node], shape: str) -> str:
    """A JavaScript method `name(arguments) { ... return shape; }`; `shape` holds one `{}` for every result."""
    printer = Printer("    ")
    said = printer.body(results)
    used = "\n".join([*printer.lines, *said])
    lines = [f"    {line}" for line in head if _reads(line, used)]
    return "\n".join(
        [f"  {name}({arguments}) {{", *lines, *printer.lines, f"    return {shape.format(*said)};", "  },"]
    )


def _reads(line: str, used: str) -> bool:
    """Whether a declaration at the head declares anything that is used; lines that declare nothing always stay."""
    declared = re.findall(r"(?:const |, )(\w+) =", line) or re.findall(r"\w+", line.partition("{")[2].partition("}")[0])
    return not declared or any(re.search(rf"(?<![\w.]){name}(?!\w)", used) for name in declared)
