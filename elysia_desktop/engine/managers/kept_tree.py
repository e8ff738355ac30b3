"""A tree in a manager's keeping: what it was told to be on its own, and since when it is idle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pydantic import SecretStr

from elysia_desktop.core.settings import Settings
from elysia_desktop.engine.absent_tool import AbsentTool
from elysia_desktop.engine.presets import view
from elysia_desktop.engine.tools import BUILTIN_TOOLS

if TYPE_CHECKING:
    from elysia_desktop.engine.editing import Initialisation
    from elysia_desktop.engine.managers.idle import Idle
    from elysia_desktop.engine.tool import Tool
    from elysia_desktop.engine.tree import Tree

Trait = Literal["style", "agent_description", "end_goal", "branch_initialisation"]
TRAITS: tuple[Trait, ...] = ("style", "agent_description", "end_goal", "branch_initialisation")


@dataclass
class Defaults:
    """What trees are unless told otherwise; a part of the character that is None is as the settings have it."""

    settings: Settings
    style: str | None
    agent_description: str | None
    end_goal: str | None
    branch_initialisation: Initialisation

    def trait(self, name: Trait) -> str:
        """What this part of a tree is by default."""
        match name:
            case "style":
                return self.style or self.settings.style
            case "agent_description":
                return self.agent_description or self.settings.agent_description
            case "end_goal":
                return self.end_goal or self.settings.end_goal
            case "branch_initialisation":
                return self.branch_initialisation


@dataclass
class Own:
    """What one tree was told to be, whatever the defaults are."""

    traits: set[Trait] = field(default_factory=set[Trait])
    settings: Settings | None = None
    """In place of the default settings."""
    changes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """On top of them, in order."""
    keys: dict[str, SecretStr] = field(default_factory=dict[str, SecretStr])
    tools: tuple[Tool, ...] = ()
    """Those that did not come with the application; a saved tree knows their names only."""

    def settings_under(self, default: Settings) -> Settings:
        """The settings of the tree, its alone; raises `ConfigurationError` where they do not go together."""
        made = (self.settings or default).model_copy(deep=True)
        for change in self.changes:
            made.configure(**change)
        for name, key in self.keys.items():
            made.set_api_key(key, name)
        return made


class KeptTree:
    """Follows the defaults in all that it was not told itself, through its manager or directly."""

    def __init__(self, tree: Tree, idle: Idle, defaults: Defaults, own: Own) -> None:
        self.tree = tree
        self.idle = idle
        self.is_saved = False
        """Whether this user is known to have a saved conversation of this id."""
        self._own = own
        self._settings = own.settings_under(defaults.settings)
        self._traits = {name: defaults.trait(name) for name in TRAITS}

    @property
    def own(self) -> Own:
        """What is its own now."""
        for name in TRAITS:
            self._notice_trait(name)
        self._notice_settings()
        self._own.tools = tuple(
            tool for tool in self.tree.tools.values() if not isinstance(tool, (AbsentTool, *BUILTIN_TOOLS))
        )
        return self._own

    def catch_up(self) -> None:
        """Be as the defaults are now in all that is not its own."""
        for name in set(TRAITS) - self._own.traits:
            if self._trait(name) != self._traits[name]:
                self._put(name, self._traits[name])

    def change(self, name: Trait, value: str) -> None:
        """Be this from now on, whatever the default becomes."""
        self._put(name, value)
        self._own.traits.add(name)

    def configure(self, changes: Mapping[str, Any]) -> None:
        """Change settings of this tree, whatever the defaults become; all or none."""
        self._notice_settings()
        self.tree.configure(**changes)
        self._own.changes.append(dict(changes))
        self._settings.configure(**changes)

    def replace_settings(self, settings: Settings) -> None:
        """Have settings of its own, whatever the defaults become."""
        self._own.settings, self._own.changes, self._own.keys = settings.model_copy(deep=True), [], {}
        self.take(self._own.settings_under(settings))

    def follow(self, name: Trait, value: str) -> None:
        """The default of one trait has changed."""
        self._notice_trait(name)
        self._traits[name] = value
        if name not in self._own.traits:
            self._put(name, value)

    def settings_under(self, default: Settings) -> Settings:
        """The settings it would have if these became the default."""
        self._notice_settings()
        return self._own.settings_under(default)

    def take(self, settings: Settings) -> None:
        """Have these settings, which `settings_under` made."""
        self._settings = settings.model_copy(deep=True)
        self.tree.use(settings)

    def _put(self, name: Trait, value: str) -> None:
        match name:
            case "style":
                self.tree.change_style(value)
            case "agent_description":
                self.tree.change_agent_description(value)
            case "end_goal":
                self.tree.change_end_goal(value)
            case "branch_initialisation":
                self.tree.set_branch_initialisation(value)

    def _trait(self, name: Trait) -> str:
        atlas = self.tree.tree_data.atlas
        match name:
            case "style":
                return atlas.style
            case "agent_description":
                return atlas.agent_description
            case "end_goal":
                return atlas.end_goal
            case "branch_initialisation":
                return self.tree.branch_initialisation

    def _notice_trait(self, name: Trait) -> None:
        """What was changed in the tree itself is its own; so is a structure that tools were added to."""
        now = self._trait(name)
        if now != self._traits[name] or (name == "branch_initialisation" and self.tree.tree != view(now)):
            self._own.traits.add(name)

    def _notice_settings(self) -> None:
        now, given = self.tree.settings, self._settings
        changed = {
            name: getattr(now, name)
            for name in Settings.model_fields
            if name != "api_keys" and getattr(now, name) != getattr(given, name)
        }
        keys = {
            name: now.api_keys.get(name, SecretStr(""))
            for name in {*now.api_keys, *given.api_keys}
            if now.api_keys.get(name) != given.api_keys.get(name)
        }
        if changed:
            self._own.changes.append(changed)
        self._own.keys |= keys
        if changed or keys:
            self._settings = now.model_copy(deep=True)
