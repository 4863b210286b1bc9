"""The provider's own site, and the way back to a phone."""

import pytest
from django.test import Client

from conftest import House
from pwa.selectors import embedding_origins
from queues.models import Source
from queues.services.tickets import ticket_join
from queues.tokens import token_for
from waitlessq.qr import qr_svg

SITE = "/console/clinic/app/site/"


def test_a_manager_says_which_sites_show_the_app(in_house: House, owner: Client) -> None:
    assert owner.post(SITE, {"sites": "www.clinic.example\r\n\r\n"}).status_code == 302
    assert embedding_origins() == ["https://www.clinic.example"]
    page = owner.get(SITE).content.decode()
    assert "https://www.clinic.example</textarea>" in page
    assert "data-provider=&quot;clinic&quot; data-open=&quot;book&quot;" in page
    assert "http://testserver/static/built/embed.js" in page
    assert "http://testserver/p/clinic/embed#/" in page


def test_what_was_typed_stays_when_it_is_refused(in_house: House, owner: Client) -> None:
    response = owner.post(SITE, {"sites": "www.clinic.example\nnonsense"})
    assert response.status_code == 400
    page = response.content.decode()
    assert "“nonsense” is no address of a site" in page
    assert "www.clinic.example\nnonsense</textarea>" in page
    assert embedding_origins() == []


def test_the_desk_finds_a_lost_ticket_and_shows_the_way_to_a_phone(
    in_house: House, staff: Client
) -> None:
    ticket = ticket_join(actor=in_house.actor, queue_id=in_house.queue.pk, source=Source.STAFF)
    desk = f"/console/clinic/desk/{in_house.counter.pk}"
    found = staff.get(f"{desk}/search/", {"q": ticket.code}).content.decode()
    link = f"{desk}/phone/{ticket.pk}/"
    assert link in found
    response = staff.get(link)
    address = f"http://testserver/p/clinic/#/take/{token_for(ticket.pk)}"
    assert qr_svg(address, scale=6, dark="#15211E", light="#FFFFFF") in response.content.decode()
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("ticket_id", [0, 10**9])
def test_no_ticket_no_way(in_house: House, staff: Client, ticket_id: int) -> None:
    desk = f"/console/clinic/desk/{in_house.counter.pk}"
    assert staff.get(f"{desk}/phone/{ticket_id}/").status_code == 404
