"""Nobody gives out a right that is not their own, least of all to themselves."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission

from predictions.roles import Role
from predictions.tests.conftest import PASSWORD

USERS, GROUPS = "/admin/auth/user/", "/admin/auth/group/"
DELETE = "delete_prediction"


@pytest.fixture
def admin(client_of):
    return client_of(Role.ADMIN)


@pytest.fixture
def root(db):
    return get_user_model().objects.create_superuser("root", password=PASSWORD)


def group(role):
    return Group.objects.get(name=role)


def save(client, user, **changes):
    entries = {"username": user.username, "is_active": "on", "first_name": "", "last_name": "", "email": ""}
    client.post(f"{USERS}{user.pk}/change/", entries | changes)
    return get_user_model().objects.get(pk=user.pk)


def test_an_admin_cannot_make_himself_superuser(admin):
    assert not save(admin, admin.user, is_superuser="on", groups=[group(Role.ADMIN).pk]).is_superuser


def test_an_admin_cannot_make_somebody_else_superuser(admin, user_with):
    assert not save(admin, user_with(Role.OFFICER), is_superuser="on").is_superuser


def test_an_admin_changes_the_roles_of_others_but_not_the_own(admin, user_with):
    reviewer = [group(Role.REVIEWER).pk]
    assert list(save(admin, user_with(Role.OFFICER), groups=reviewer).groups.all()) == [group(Role.REVIEWER)]
    assert list(save(admin, admin.user, groups=reviewer).groups.all()) == [group(Role.ADMIN)]


def test_an_admin_cannot_change_a_superuser(admin, root):
    assert save(admin, root, email="mine@example.org").email == ""
    new = {"password1": "quite another one", "password2": "quite another one", "usable_password": "true"}
    assert admin.post(f"{USERS}{root.pk}/password/", new).status_code == 403
    assert get_user_model().objects.get(pk=root.pk).check_password(PASSWORD)


def test_an_admin_cannot_delete_a_superuser(admin, root):
    assert admin.post(f"{USERS}{root.pk}/delete/", {"post": "yes"}).status_code == 403
    admin.post(USERS, {"action": "delete_selected", "_selected_action": [root.pk], "post": "yes"})
    assert get_user_model().objects.filter(pk=root.pk).exists()


@pytest.mark.parametrize("active", [True, False])
def test_an_admin_cannot_change_an_account_with_more_rights(admin, user_with, active):
    stronger = user_with(Role.OFFICER, "stronger")
    stronger.user_permissions.add(Permission.objects.get(codename=DELETE))
    type(stronger).objects.filter(pk=stronger.pk).update(is_active=active)
    assert save(admin, stronger, email="mine@example.org").email == ""


def test_an_admin_cannot_give_a_role_with_more_rights(admin, user_with):
    strong = Group.objects.create(name="strong")
    strong.permissions.add(Permission.objects.get(codename=DELETE))
    assert strong not in save(admin, user_with(Role.OFFICER), groups=[strong.pk]).groups.all()


def permissions_after(client, role, codename):
    wanted = Permission.objects.get(codename=codename)
    client.post(f"{GROUPS}{role.pk}/change/", {"name": role.name, "permissions": [wanted.pk]})
    return wanted in role.permissions.all()


def test_an_admin_changes_the_rights_of_other_roles_within_his_own(admin):
    assert permissions_after(admin, group(Role.OFFICER), "export_history")
    assert not permissions_after(admin, group(Role.OFFICER), DELETE)


def test_an_admin_cannot_change_the_rights_of_the_own_role(admin):
    assert not permissions_after(admin, group(Role.ADMIN), DELETE)
    assert admin.post(f"{GROUPS}{group(Role.ADMIN).pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_superuser_makes_superusers(admin_client, admin_user, user_with):
    assert save(admin_client, user_with(Role.OFFICER), is_superuser="on").is_superuser


def test_an_admin_makes_accounts_and_sets_their_passwords(admin, user_with):
    new = {"username": "zoe", "password1": "quite another one", "password2": "quite another one"}
    admin.post(f"{USERS}add/", new | {"usable_password": "true", "is_superuser": "on"})
    assert not get_user_model().objects.get(username="zoe").is_superuser
    officer = user_with(Role.OFFICER)
    admin.post(f"{USERS}{officer.pk}/password/", new | {"usable_password": "true"})
    assert get_user_model().objects.get(pk=officer.pk).check_password("quite another one")
