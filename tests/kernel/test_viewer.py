"""A viewer's role decides how far they see and how the ledger names them."""

import pytest

from lamplighter.kernel.viewer import Role, Viewer


def viewer(role: Role) -> Viewer:
    return Viewer(
        staff_id=7,
        staff_number="P0007",
        name="王玲",
        role=role,
        org_name="城关供电所",
        org_path="/61/6101/",
    )


@pytest.mark.parametrize("role", Role)
def test_managers_alone_are_held_to_their_own_areas(role: Role):
    assert viewer(role).sees_own_areas_only is (role is Role.MANAGER)


def test_the_ledger_names_a_number_and_no_person():
    assert viewer(Role.AGENT).actor == "staff:P0007"


def test_a_viewer_cannot_be_changed_on_the_way():
    with pytest.raises(AttributeError):
        viewer(Role.AGENT).org_path = "/"  # type: ignore[misc]
