"""How far a run has come in its tree, and the same in words."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QCoreApplication

from elysia_desktop.ui.inspector.run_record import RunRecord
from elysia_desktop.ui.inspector.tree_layout import Course, TreeNode, nodes_of
from elysia_desktop.ui.inspector.value_text import seconds_text

translate = QCoreApplication.translate


def course_of(tree: TreeNode, record: RunRecord | None) -> Course:
    """What of the tree is lit, and the line below each lit node's name."""
    if record is None or not tree:
        return Course()
    made = Counter(decision.node for decision in record.decisions)
    running = None if record.is_over else record.running or _deciding(tree, record)
    seconds: Counter[str] = Counter()
    for step in record.steps:
        seconds[step.node] += step.seconds  # pyright: ignore[reportArgumentType] - a Counter adds floats as well
    last_failed = {step.node: step.failed for step in record.steps}
    notes = {node: _decisions(count) for node, count in made.items()}
    branches = {str(node.get("id")) for node in nodes_of(tree) if node.get("branch")}
    for node, places in record.visits().items():
        order = ", ".join(str(place) for place in places)
        took = translate("TreeCourse", "failed") if last_failed[node] else seconds_text(seconds[node])
        notes[node] = f"{order} · {took}"
    if record.running is not None and record.running not in branches:
        notes[record.running] = f"{len(record.steps) + 1} · {translate('TreeCourse', 'running…')}"
    elif running is not None and running not in notes:
        notes[running] = translate("TreeCourse", "deciding…")
    return Course(
        edges=frozenset(record.path),
        taken=frozenset(made) | {to for _, to in record.path} | frozenset(seconds),
        failed=frozenset(node for node, failed in last_failed.items() if failed),
        running=running,
        notes=notes,
    )


def path_in_words(record: RunRecord | None) -> str:
    """The way a run took, for who cannot see the drawing."""
    if record is None or not (record.decisions or record.steps):
        return translate("TreeCourse", "No decision has been made yet.")
    parts: list[str] = []
    for decision in record.decisions:
        step = record.step_of(decision)
        words = translate("TreeCourse", "{index}. At {node}: {chosen}").format(
            index=decision.index + 1, node=decision.node, chosen=decision.chosen
        )
        if step is not None:
            words += ", " + (translate("TreeCourse", "failed") if step.failed else seconds_text(step.seconds))
        elif decision.chosen == record.running:
            words += ", " + translate("TreeCourse", "running…")
        parts.append(words)
    return "; ".join(parts) + "."


def _deciding(tree: TreeNode, record: RunRecord) -> str:
    """Where the next choice is made: at the tool just run if something follows it, else at the root."""
    last = record.steps[-1].node if record.steps else ""
    for node in nodes_of(tree):
        if last and node.get("id") == last and node.get("options"):
            return last
    return str(tree.get("id") or tree.get("name") or "")


def _decisions(count: int) -> str:
    return (
        translate("TreeCourse", "1 decision")
        if count == 1
        else translate("TreeCourse", "{count} decisions").format(count=count)
    )
