"""The table of all actions: who may, how each is asked for, and how it is refused. Nothing of it is read from the code.

It knows no door: arguments are JSON values of a side of the world, and `given` is what its owner did before.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from tests.every.world import LINK, NO_FILE, NOBODY, NOWHERE, OPERATOR, OTHER, ROLES, Side

Arguments: TypeAlias = dict[str, Any]
Made: TypeAlias = Callable[[Side], Arguments]
Least = Literal["viewer", "editor", "admin", "owner", "anybody", "link", "operator"]

WHO = (LINK, OPERATOR, *ROLES, "stranger", NOBODY)
TO_OTHERS = {LINK: "link_not_valid", OPERATOR: "scope_missing"}


@dataclass(frozen=True)
class Row:
    """One action: the least role that may run it, and its arguments. `anybody` is no link.

    `but` names those who are told another problem; `given` are actions that must come before a success. `refused` are,
    by the problem's code, the arguments over these for which the owner, or the operator, is refused in the world as it
    is. `beyond` are problems that are declared and need more than a small world. With `each`, every item of the output
    has its code.
    `scopes` are those that credentials need beside the action's own permission, for actions that it runs itself.
    """

    least: Least
    asks: Made
    but: Mapping[str, str | None] = field(default_factory=dict)
    given: Mapping[str, Made] = field(default_factory=dict)
    refused: Mapping[str, Made] = field(default_factory=dict)
    beyond: AbstractSet[str] = frozenset()
    each: bool = False
    scopes: AbstractSet[str] = frozenset()

    def told(self, who: str) -> str | None:
        """The code of the problem that one is told, None for a success."""
        if who in self.but:
            return self.but[who]
        if self.least in TO_OTHERS:
            return None if who == self.least else TO_OTHERS[self.least]
        if who == LINK:
            return "scope_missing"
        if self.least == "anybody":
            return None
        if who not in ROLES:
            return "entity_not_found"
        return None if ROLES.index(who) >= ROLES.index(self.least) else "permission_missing"

    @property
    def refused_one(self) -> str:
        """Who may, and is told of the problems that are `refused`."""
        return OPERATOR if self.least == OPERATOR else "owner"

    @property
    def doer(self) -> str:
        """Somebody who may, and who is told of no problem."""
        return next(who for who in reversed(WHO) if self.told(who) is None)


ARCHIVED = {"kit_archived": lambda of: {"kit_id": of.attic}}
SECTION_ARCHIVED = {"kit_archived": lambda of: {"section_id": of.attic_section}}
ASSET_KEPT = {
    "asset_removed": lambda of: {"asset_id": of.removed},
    "kit_archived": lambda of: {"asset_id": of.attic_asset},
}
STALE = {"version_mismatch": lambda _: {"expected_version": 9}}
NO_MEMBER = {"not_a_member": lambda _: {"actor": NOBODY}}
OWNER_STAYS = {"owner_stays": lambda of: {"actor": of.who("owner")}}
NOT_WORDS = {"no_words": lambda _: {"text": "&|!"}, "too_many_words": lambda _: {"text": "a b c d e f g h i j k l m"}}
FILE_USABLE = {"file_not_stored": lambda _: {"file": NO_FILE}, "not_an_image": lambda of: {"file": of.archive}}

ROWS: dict[str, Row] = {
    "accept_invitation": Row(
        "anybody",
        lambda of: {"token": of.invitation_token},
        but=dict.fromkeys(ROLES, "already_member"),
        refused={"already_member": lambda _: {}, "link_not_valid": lambda of: {"token": of.share_token}},
    ),
    "add_asset": Row(
        "editor",
        lambda of: {"section_id": of.section, "name": "New", "file": of.twin_file},
        refused={"asset_name_taken": lambda of: {"name": of.word}, **SECTION_ARCHIVED, **FILE_USABLE},
        scopes={"file.read"},
    ),
    "add_member": Row(
        "admin",
        lambda of: {"space_id": of.space, "actor": "newcomer", "role": "editor"},
        refused={"already_member": lambda of: {"actor": of.who("mate")}},
    ),
    "add_section": Row(
        "editor",
        lambda of: {"kit_id": of.kit, "name": "New"},
        refused={"section_name_taken": lambda of: {"name": of.word}, **ARCHIVED},
    ),
    "archive_kit": Row("admin", lambda of: {"kit_id": of.kit}, refused=ARCHIVED),
    "cancel_execution": Row(
        "admin",
        lambda of: {"execution_id": of.waiting},
        but={"viewer": "entity_not_found", OPERATOR: None},
        refused={"execution_ended": lambda of: {"execution_id": of.execution}},
        beyond={"scope_missing"},
    ),
    "change_member_role": Row(
        "admin",
        lambda of: {"space_id": of.space, "actor": of.who("mate"), "role": "editor", "expected_version": 1},
        refused={**NO_MEMBER, **OWNER_STAYS, **STALE},
    ),
    "create_kit": Row(
        "editor",
        lambda of: {"space_id": of.space, "name": "New", "visibility": "private"},
        refused={"kit_name_taken": lambda of: {"name": of.word}},
    ),
    "create_space": Row("anybody", lambda _: {"name": "New"}, refused={"space_name_taken": lambda _: {"name": OTHER}}),
    "delete_space": Row(
        "owner",
        lambda of: {"space_id": of.space},
        given={"archive_kit": lambda of: {"kit_id": of.kit}},
        refused={"space_in_use": lambda _: {}},
    ),
    "duplicate_kit": Row(
        "editor",
        lambda of: {"kit_id": of.kit, "name": "New"},
        refused={"kit_name_taken": lambda of: {"name": of.word}},
    ),
    "empty_trash": Row("admin", lambda of: {"kit_id": of.kit}, refused=ARCHIVED),
    "expire_keys": Row("operator", lambda _: {}),
    "expire_shares": Row("operator", lambda _: {"older_than_days": 30}),
    "export_kit": Row(
        "viewer", lambda of: {"kit_id": of.kit}, beyond={"archive_too_large", "file_not_stored"}, scopes={"file.upload"}
    ),
    "get_asset": Row("viewer", lambda of: {"asset_id": of.asset}),
    "get_execution": Row(
        "editor", lambda of: {"execution_id": of.execution}, but={"viewer": "entity_not_found", OPERATOR: None}
    ),
    "get_search_status": Row("operator", lambda _: {}),
    "get_kit": Row("viewer", lambda of: {"kit_id": of.kit}),
    "import_assets": Row(
        "editor",
        lambda of: {"kit_id": of.kit, "archive": of.archive},
        refused={
            "archive_refused": lambda of: {"archive": of.file},
            "file_not_stored": lambda _: {"archive": NO_FILE},
            **ARCHIVED,
        },
        scopes={"file.read"},
    ),
    "invite_member": Row("admin", lambda of: {"space_id": of.space, "role": "viewer", "valid_days": 1}),
    "leave_space": Row(
        "viewer",
        lambda of: {"space_id": of.space},
        but={"owner": "owner_stays"},
        refused={"owner_stays": lambda _: {}},
        beyond={"not_a_member"},
    ),
    "list_assets": Row("viewer", lambda of: {"kit_id": of.kit, "section_id": of.section, "removed": False, "limit": 9}),
    "list_executions": Row(
        "editor",
        lambda of: {"space_id": of.space, "retry_of": of.rejected, "limit": 9},
        but={OPERATOR: None},
        refused={"scope_missing": lambda _: {"everybody": True}},
    ),
    "list_kits": Row("viewer", lambda of: {"space_id": of.space, "archived": True, "limit": 9}),
    "list_members": Row("viewer", lambda of: {"space_id": of.space, "limit": 9}),
    "list_schedules": Row("operator", lambda _: {}),
    "list_shares": Row("admin", lambda of: {"kit_id": of.kit, "revoked": False, "limit": 9}),
    "list_spaces": Row("anybody", lambda _: {"limit": 9}),
    "list_tags": Row("viewer", lambda of: {"space_id": of.space, "limit": 9}),
    "list_workers": Row("operator", lambda _: {}),
    "move_asset": Row(
        "editor",
        lambda of: {"asset_id": of.asset, "section_id": of.empty},
        refused={"asset_name_taken": lambda of: {"section_id": of.busy}, **ASSET_KEPT},
    ),
    "move_section": Row("editor", lambda of: {"section_id": of.section, "position": 1}, refused=SECTION_ARCHIVED),
    "open_share": Row("link", lambda _: {"limit": 9}, refused={"link_not_valid": lambda _: {}}),
    "prune_ledger": Row("operator", lambda _: {"after": NOWHERE}),
    "read_changes": Row("viewer", lambda of: {"kind": "kit", "id": of.kit, "limit": 9}),
    "reindex_search": Row("operator", lambda _: {}),
    "remove_asset": Row("editor", lambda of: {"asset_id": of.asset}, refused=ASSET_KEPT),
    "remove_member": Row(
        "admin", lambda of: {"space_id": of.space, "actor": of.who("mate")}, refused={**NO_MEMBER, **OWNER_STAYS}
    ),
    "remove_section": Row(
        "editor",
        lambda of: {"section_id": of.section, "assets": "move", "to_section_id": of.empty},
        refused={
            "asset_name_taken": lambda of: {"to_section_id": of.busy},
            "target_missing": lambda of: {"to_section_id": of.section},
            **SECTION_ARCHIVED,
        },
    ),
    "rename_asset": Row(
        "editor",
        lambda of: {"asset_id": of.twin, "name": "New", "expected_version": 1},
        refused={"asset_name_taken": lambda _: {"name": OTHER}, **ASSET_KEPT, **STALE},
    ),
    "rename_kit": Row(
        "editor",
        lambda of: {"kit_id": of.kit, "name": "New", "expected_version": 1},
        refused={"kit_name_taken": lambda _: {"name": OTHER}, **ARCHIVED, **STALE},
    ),
    "rename_section": Row(
        "editor",
        lambda of: {"section_id": of.empty, "name": "New", "expected_version": 2},
        refused={"section_name_taken": lambda _: {"name": OTHER}, **SECTION_ARCHIVED, **STALE},
    ),
    "rename_space": Row(
        "admin",
        lambda of: {"space_id": of.space, "name": "New", "expected_version": 1},
        refused={"space_name_taken": lambda _: {"name": OTHER}, **STALE},
    ),
    "rename_tag": Row(
        "editor",
        lambda of: {"tag_id": of.tag, "name": "New", "expected_version": 1},
        refused={"tag_name_taken": lambda _: {"name": OTHER}, **STALE},
    ),
    "replace_asset": Row(
        "editor",
        lambda of: {"asset_id": of.twin, "file": of.file, "expected_version": 1},
        refused={**ASSET_KEPT, **FILE_USABLE, **STALE},
        scopes={"file.read"},
    ),
    "restore_asset": Row(
        "editor",
        lambda of: {"asset_id": of.removed, "section_id": of.empty},
        refused={
            "asset_name_taken": lambda of: {"section_id": of.section},
            "asset_not_removed": lambda of: {"asset_id": of.asset},
            "section_gone": lambda of: {"asset_id": of.orphan, "section_id": None},
            **SECTION_ARCHIVED,
        },
    ),
    "restore_kit": Row(
        "admin", lambda of: {"kit_id": of.attic}, refused={"kit_not_archived": lambda of: {"kit_id": of.kit}}
    ),
    "retry_execution": Row(
        "editor",
        lambda of: {"execution_id": of.rejected},
        but={"viewer": "entity_not_found", OPERATOR: "retry_refused"},
        refused={"nothing_to_retry": lambda of: {"execution_id": of.execution}},
        beyond={"background_refused", "retry_refused"},
        scopes={"kit.create"},
    ),
    "retry_executions": Row(
        "editor",
        lambda of: {"space_id": of.space, "action": "create_kit", "state": "failed", "limit": 9},
        but={OPERATOR: None},
        refused={"scope_missing": lambda _: {"everybody": True}},
    ),
    "revoke_share": Row("admin", lambda of: {"share_id": of.share}),
    "run_scheduled": Row(
        "operator",
        lambda _: {"action": "expire_shares"},
        refused={"not_scheduled": lambda _: {"action": "create_kit"}},
        scopes={"share.expire"},
    ),
    "search_assets": Row(
        "anybody",
        lambda of: {
            "text": of.word,
            "space_id": of.space,
            "kit_id": of.kit,
            "section_id": of.section,
            "tag": of.word,
            "facets": True,
            "limit": 9,
        },
        refused=NOT_WORDS,
        beyond={"search_unavailable"},
    ),
    "search_kits": Row(
        "anybody",
        lambda of: {"text": of.word, "space_id": of.space, "limit": 9},
        refused=NOT_WORDS,
        beyond={"search_unavailable"},
    ),
    "set_kit_visibility": Row("editor", lambda of: {"kit_id": of.kit, "visibility": "public"}, refused=ARCHIVED),
    "share_kit": Row("admin", lambda of: {"kit_id": of.kit, "valid_days": 1}, refused=ARCHIVED),
    "suggest": Row(
        "anybody",
        lambda of: {"text": of.word, "space_id": of.space, "limit": 9},
        refused=NOT_WORDS,
        beyond={"search_unavailable"},
    ),
    "sweep_uploads": Row("operator", lambda _: {"older_than_hours": 24}),
    "tag_asset": Row("editor", lambda of: {"asset_id": of.twin, "tag": OTHER}, refused=ASSET_KEPT),
    "transfer_ownership": Row("owner", lambda of: {"space_id": of.space, "actor": of.who("mate")}, refused=NO_MEMBER),
    "untag_asset": Row(
        "editor",
        lambda of: {"asset_id": of.asset, "tag": OTHER},
        refused={"not_tagged": lambda of: {"asset_id": of.twin}, **ASSET_KEPT},
    ),
    "update_assets": Row(
        "editor",
        lambda of: {"asset_ids": [of.asset], "section_id": of.empty},
        refused={"not_one_change": lambda _: {"remove": True}},
        each=True,
    ),
    "verify_search": Row("operator", lambda _: {"repair": True}, beyond={"no_index", "search_unavailable"}),
}

PUBLIC: dict[str, Made] = {"set_kit_visibility": lambda of: {"kit_id": of.kit, "visibility": "public"}}
NO_MORE: dict[str, Made] = PUBLIC | {"archive_kit": lambda of: {"kit_id": of.kit}}

# Other ways to ask for some of them, each as an action, a colon, and what is asked.
WAYS: dict[str, Row] = ROWS | {
    "get_asset:public": Row("anybody", lambda of: {"asset_id": of.asset}, given=PUBLIC),
    "get_asset:public_removed": Row("viewer", lambda of: {"asset_id": of.removed}, given=PUBLIC),
    "get_asset:archived": Row("viewer", lambda of: {"asset_id": of.asset}, given=NO_MORE),
    "get_kit:public": Row("anybody", lambda of: {"kit_id": of.kit}, given=PUBLIC),
    "get_kit:archived": Row("viewer", lambda of: {"kit_id": of.kit}, given=NO_MORE),
    "list_assets:public": Row("anybody", lambda of: {"kit_id": of.kit, "limit": 9}, given=PUBLIC),
    "list_assets:public_trash": Row("viewer", lambda of: {"kit_id": of.kit, "removed": True}, given=PUBLIC),
    "list_assets:archived": Row("viewer", lambda of: {"kit_id": of.kit}, given=NO_MORE),
    "list_assets:trash": Row("viewer", lambda of: {"kit_id": of.kit, "removed": True}),
    "list_executions:found": Row(
        "editor",
        lambda of: {"space_id": of.space, "action": "create_kit", "state": "succeeded", "limit": 9},
        but={OPERATOR: None},
    ),
    "list_executions:own": Row("anybody", lambda _: {"limit": 9}),
    "list_executions:everybody": Row("operator", lambda _: {"everybody": True, "action": "create_kit", "limit": 9}),
    "list_kits:kept": Row("viewer", lambda of: {"space_id": of.space}),
    "list_members:first": Row("viewer", lambda of: {"space_id": of.space, "limit": 1}),
    "list_shares:revoked": Row("admin", lambda of: {"kit_id": of.kit, "revoked": True}),
    "remove_section:trash": Row("editor", lambda of: {"section_id": of.section, "assets": "trash"}),
    "search_assets:all": Row("anybody", lambda _: {"facets": True}),
    "search_assets:forgiven": Row("anybody", lambda of: {"text": f"{of.word}x", "facets": True}),
    "search_assets:public": Row("anybody", lambda of: {"kit_id": of.kit, "text": OTHER, "facets": True}, given=PUBLIC),
    "search_assets:archived": Row("anybody", lambda of: {"kit_id": of.kit}, given=NO_MORE),
    "search_kits:all": Row("anybody", lambda _: {"sort": "newest"}),
    "search_kits:public": Row("anybody", lambda of: {"text": of.word}, given=PUBLIC),
    "suggest:all": Row("anybody", lambda _: {"text": OTHER[:2]}),
    "suggest:public": Row("anybody", lambda _: {"text": OTHER}, given=PUBLIC),
    "tag_asset:new": Row("editor", lambda of: {"asset_id": of.asset, "tag": "New"}),
    "update_assets:tag": Row("editor", lambda of: {"asset_ids": [of.asset, of.twin], "add_tag": OTHER}, each=True),
    "update_assets:untag": Row("editor", lambda of: {"asset_ids": [of.asset], "remove_tag": OTHER}, each=True),
    "update_assets:trash": Row("editor", lambda of: {"asset_ids": [of.asset, of.twin], "remove": True}, each=True),
}


def action_of(way: str) -> str:
    """The action of one of the ways to ask."""
    return way.partition(":")[0]


REFUSED = [(action, code) for action, row in ROWS.items() for code in row.refused]


def refused_arguments(action: str, code: str, side: Side) -> Arguments:
    """The arguments for which the owner of a side, or the operator, is refused."""
    return ROWS[action].asks(side) | ROWS[action].refused[code](side)
