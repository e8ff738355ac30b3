"""Which objects a conversation has: by their reference ids, and by their content."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

Place = tuple[str, str]
"""The tool and the name under which a result is kept; objects are equal only within one place."""


class ObjectIndex:
    """Finds objects by id and by content; an id that was given stays taken.

    Equal objects of one place are in the order of their arrival: the first is what repeats point to.
    """

    def __init__(self) -> None:
        self._objects: dict[str, dict[str, Any] | None] = {}  # None: removed
        self._first: dict[Place, dict[bytes, str]] = {}
        self._later: dict[Place, dict[bytes, list[str]]] = {}

    def get(self, ref_id: str) -> dict[str, Any] | None:
        """The object with this id, not one of its repeats."""
        return self._objects.get(ref_id)

    def unused(self, wanted: str) -> str:
        """This id, or where it is taken the next free one that begins with it."""
        ref_id, suffix = wanted, 1
        while ref_id in self._objects:
            suffix += 1
            ref_id = f"{wanted}_{suffix}"
        return ref_id

    def store(
        self,
        place: Place,
        items: Iterable[tuple[dict[str, Any], bytes]],
        stem: str,
        include_duplicates: bool = False,
    ) -> list[dict[str, Any]]:
        """Remember objects by their ids and contents, and give them as they are to be stored.

        One that brings a free `_REF_ID` keeps it, another gets `stem` and its position. What is there already
        becomes a repeat, unless duplicates are wanted.
        """
        objects, first = self._objects, self._first.setdefault(place, {})
        stored: list[dict[str, Any]] = []
        for position, (item, content) in enumerate(items):
            known = first.get(content)
            if known is not None and not include_duplicates:
                stored.append({"object_info": "[repeat]", "_REF_ID": known})
                continue
            brought = item.get("_REF_ID")
            ref_id = str(brought) if brought else f"{stem}{position}"
            if ref_id in objects:
                ref_id = self.unused(ref_id)
            item["_REF_ID"] = ref_id
            objects[ref_id] = item
            if known is None:
                first[content] = ref_id
            else:
                self._later.setdefault(place, {}).setdefault(content, []).append(ref_id)
            stored.append(item)
        return stored

    def keep(self, place: Place, content: bytes, item: dict[str, Any]) -> None:
        """Remember an object under its `_REF_ID` and content."""
        ref_id = item["_REF_ID"]
        self._objects[ref_id] = item
        if self._first.setdefault(place, {}).setdefault(content, ref_id) is not ref_id:
            self._later.setdefault(place, {}).setdefault(content, []).append(ref_id)

    def inherit(self, source: Place, target: Place, heir: dict[str, Any]) -> None:
        """Let an object that has taken the fields and id of another be that one from now on."""
        ref_id = heir["_REF_ID"]
        self._objects[ref_id] = heir
        if source != target:
            for content in self._forget_contents(source, {ref_id}):
                self.keep(target, content, heir)

    def forget(self, place: Place, ref_ids: Collection[str]) -> None:
        """Let go of objects; their ids stay taken."""
        self._objects.update(dict.fromkeys(ref_ids))
        self._forget_contents(place, ref_ids)

    def release(self, ref_ids: Iterable[str]) -> None:
        """Let ids of objects that are gone be given again."""
        for ref_id in ref_ids:
            if self._objects.get(ref_id, self) is None:
                del self._objects[ref_id]

    def taken(self) -> list[str]:
        """The ids of all objects that are gone."""
        return [ref_id for ref_id, item in self._objects.items() if item is None]

    def take(self, ref_ids: Iterable[str]) -> None:
        """Hold ids of objects that were gone before this index was made."""
        for ref_id in ref_ids:
            self._objects.setdefault(ref_id, None)

    def _forget_contents(self, place: Place, ref_ids: Collection[str]) -> set[bytes]:
        """Take ids from a place's contents, with the next equal object coming first; the contents they had."""
        first, later = self._first.get(place, {}), self._later.get(place, {})
        leaving = {content for content, ref_id in first.items() if ref_id in ref_ids}
        touched = leaving | {content for content, ids in later.items() if any(i in ref_ids for i in ids)}
        for content in touched:
            left = [ref_id for ref_id in later.pop(content, ()) if ref_id not in ref_ids]
            if content in leaving:
                if left:
                    first[content] = left.pop(0)
                else:
                    del first[content]
            if left:
                later[content] = left
        return touched
