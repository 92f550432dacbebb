"""Every sentence that `hactl status` can say, read from its own code: the `what` of each Finding, with … in the place
of what is filled in. And the words of the servers' programs, which such a sentence may quote.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

HOLE = "…"
#: What a name stands for at some point of a function: the texts that it may hold.
Names = Mapping[str, frozenset[str]]


def matches(template: str, words: str) -> bool:
    """Whether these words are that sentence, with something in the place of each hole."""
    return re.fullmatch(".*".join(map(re.escape, template.split(HOLE))), words, re.DOTALL) is not None


def texts(node: ast.expr, names: Names) -> frozenset[str]:
    """What an expression may be as a text; what is not known here is a hole."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return frozenset({node.value})
    if isinstance(node, ast.JoinedStr):
        return _product(texts(part, names) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return texts(node.value, names) if node.format_spec is None else frozenset({HOLE})
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _product((texts(node.left, names), texts(node.right, names)))
    if isinstance(node, ast.IfExp):
        return texts(node.body, names) | texts(node.orelse, names)
    if isinstance(node, ast.Name):
        return names.get(node.id, frozenset({HOLE}))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "get" and isinstance(node.func.value, ast.Dict):
            kept = [texts(value, names) for value in (*node.func.value.values, *node.args[1:])]
            return frozenset(itertools.chain.from_iterable(kept))
        if node.func.attr in ("rstrip", "strip"):
            return texts(node.func.value, names)
    return frozenset({HOLE})


def _product(parts: Iterable[frozenset[str]]) -> frozenset[str]:
    found = ("".join(words) for words in itertools.product(*parts))
    return frozenset(re.sub(f"{HOLE}+", HOLE, words) for words in found)


def said_in(code: str) -> set[tuple[int, str]]:
    """Line and sentence of every Finding of a module."""
    found: set[tuple[int, str]] = set()
    for function in ast.walk(ast.parse(code)):
        if isinstance(function, ast.FunctionDef):
            _walk(function.body, [{}], found)
    return found


def _walk(body: Iterable[ast.stmt], worlds: list[Names], found: set[tuple[int, str]]) -> list[Names]:
    """Follow every way through these statements. Gives what names hold at the end of each."""
    for statement in body:
        for world in worlds:
            _look(statement, world, found)
        if isinstance(statement, ast.If):
            worlds = _walk(statement.body, worlds, found) + _walk(statement.orelse, worlds, found)
        elif isinstance(statement, ast.For | ast.While | ast.With | ast.Try):
            worlds = worlds + _walk(statement.body, worlds, found)
        elif isinstance(statement, ast.Return | ast.Continue | ast.Break | ast.Raise):
            return []
        else:
            worlds = [{**world, **_assigned(statement, world)} for world in worlds]
        worlds = [dict(each) for each in {tuple(sorted(world.items(), key=lambda item: item[0])) for world in worlds}]
    return worlds


def _look(statement: ast.stmt, world: Names, found: set[tuple[int, str]]) -> None:
    """The Findings of one statement, without those of the statements within it."""
    for field in ast.iter_child_nodes(statement):
        if isinstance(field, ast.stmt):
            continue
        for node in ast.walk(field):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                (what,) = (keyword.value for keyword in node.keywords if keyword.arg == "what")
                found |= {(node.lineno, words) for words in texts(what, world)}


def _assigned(statement: ast.stmt, world: Names) -> dict[str, frozenset[str]]:
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        name = statement.target.id
        return {name: _product((world.get(name, frozenset({HOLE})), texts(statement.value, world)))}
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return {}
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Name):
        return {target.id: texts(value, world)}
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=True)
        return {name.id: texts(each, world) for name, each in pairs if isinstance(name, ast.Name)}
    return {}


def sentences(folder: Path) -> dict[str, str]:
    """Sentences of all modules below a folder, each with the place that says it first."""
    found: dict[str, str] = {}
    for file in sorted(folder.rglob("*.py")):
        for line, words in sorted(said_in(file.read_text())):
            found.setdefault(words, f"{file.relative_to(folder.parent)}:{line}")
    return found


def program_words(folder: Path) -> set[str]:
    """All texts of programs of Python below a folder that are long enough to be words for people."""
    found: set[str] = set()
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or not (file.suffix == ".py" or file.read_bytes().startswith(b"#!/usr/bin/python3")):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr | ast.Constant | ast.BinOp):
                found |= {words for words in texts(node, {}) if re.search(r"\w{4}", words)}
    return found
