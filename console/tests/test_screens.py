from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from conftest import PASSWORD, House, add_member, client_of
from providers.models import Role, User
from queues.services.counters import counter_close
from queues.tests.test_figures import judged
from queues.tests.test_join import join


def test_home_asks_a_stranger_to_sign_in(client: Client, db: None) -> None:
    response = client.get("/")
    assert response.status_code == HTTPStatus.FOUND
    assert response["Location"].startswith(reverse("account_login"))


def test_signing_in_by_e_mail_leads_to_the_only_provider(client: Client, house: House) -> None:
    member = add_member(house.provider, Role.STAFF)
    response = client.post(
        reverse("account_login"),
        {"login": member.user.email.upper(), "password": PASSWORD},
        follow=True,
    )
    assert response.redirect_chain[-1][0] == "/console/clinic/"
    assert "Walk-in" in response.text


def test_a_wrong_password_is_said_and_keeps_the_address(client: Client, house: House) -> None:
    response = client.post(
        reverse("account_login"), {"login": "somebody@clinic.example", "password": "wrong"}
    )
    assert "not correct" in response.text
    assert "somebody@clinic.example" in response.text


def test_each_error_of_a_form_leads_to_its_field(client: Client, db: None) -> None:
    text = client.post(reverse("account_login"), {"login": "nobody", "password": "x"}).text
    assert "<title>Error: Sign in</title>" in text
    assert '<a href="#id_login">' in text
    assert 'aria-describedby="id_login_error"' in text
    assert 'id="id_login_error"' in text


def test_nobody_signs_up_by_themselves(client: Client, db: None) -> None:
    client.post(
        reverse("account_signup"),
        {"email": "new@clinic.example", "password1": "x" * 20, "password2": "x" * 20},
    )
    assert not User.objects.filter(email="new@clinic.example").exists()


def test_home_lists_several_providers(house: House, other_house: House) -> None:
    member = add_member(house.provider, Role.STAFF)
    other = add_member(other_house.provider, Role.VIEWER)
    other.user = member.user
    other.save(update_fields=["user"])
    text = client_of(member).get("/").text
    assert "Clinic" in text
    assert "Salon" in text


def test_home_tells_a_newcomer_what_to_do(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("new@clinic.example"))
    assert "Ask its owner to add new@clinic.example" in client.get("/").text


def test_today_shows_who_waits(in_house: House, staff: Client) -> None:
    assert "Nobody is waiting." in staff.get("/console/clinic/").text
    join(in_house)
    text = staff.get("/console/clinic/").text
    assert "0 min" in text
    assert "Nobody is waiting." not in text


def test_today_says_first_where_nobody_serves(in_house: House, staff: Client) -> None:
    join(in_house)
    assert "no counter is open" not in staff.get("/console/clinic/").text
    for counter in (in_house.counter, in_house.counter2):
        counter_close(actor=in_house.actor, counter_id=counter.pk)
    assert "1 person waits, and no counter is open." in staff.get("/console/clinic/").text


@pytest.mark.parametrize(("inside", "what"), [(60, "Close counters"), (95, "they narrow")])
def test_today_says_where_waits_are_not_as_told_and_what_to_do(
    in_house: House, staff: Client, inside: int, what: str
) -> None:
    assert not judged(in_house, 80, 100)
    assert "waited as long as they were told" not in staff.get("/console/clinic/").text
    assert judged(in_house, inside, 100)
    text = staff.get("/console/clinic/").text
    assert f"{inside} of 100 waited as long as they were told" in text
    assert what in text


@pytest.mark.parametrize("path", ["/console/salon/", "/console/nowhere/"])
def test_another_providers_screens_do_not_exist(
    staff: Client, other_house: House, path: str
) -> None:
    response = staff.get(path)
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "There is nothing at this address." in response.text
