"""The parts of a guard that `and`, `or` and `not` join; each can be wrong for itself."""

import ast

from engine.definition.guard_text import GuardFault, prepare


def joined_parts(text: str) -> tuple[tuple[int, str], ...]:
    """Each part with where it begins; none when the text is one part, or cannot be read."""
    try:
        prepared = prepare(text).python
        lead = len(prepared) - len(prepared.lstrip())
        read = prepared.lstrip().encode()
        tree = ast.parse(read, mode="eval").body
    except (GuardFault, SyntaxError, RecursionError, MemoryError, ValueError):
        return ()
    found = [_span(part, read, lead) for part in _parts(tree)]
    return tuple((start, text[start:end]) for start, end in found) if len(found) > 1 else ()


def _parts(tree: ast.expr) -> list[ast.expr]:
    waiting, found = [tree], list[ast.expr]()
    while waiting:
        match waiting.pop():
            case ast.BoolOp(values=values):
                waiting += values
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                waiting.append(operand)
            case part:
                found.append(part)
    return found


def _span(part: ast.expr, read: bytes, lead: int) -> tuple[int, int]:
    """Python counts columns in bytes; people count characters."""
    end = part.end_col_offset if part.end_col_offset is not None else part.col_offset
    return lead + len(read[: part.col_offset].decode()), lead + len(read[:end].decode())
