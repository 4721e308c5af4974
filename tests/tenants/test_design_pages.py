"""Pages that nobody plans to see are dressed and say the way on."""

import pytest
from django.test import Client


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse")
def test_the_page_of_an_unknown_host_finds_its_styles(db):
    stranger = Client(SERVER_NAME="127.0.0.1")
    page = stranger.get("/", SERVER_PORT="8000")
    assert page.status_code == 404
    assert "http://localhost" in page.content.decode()
    assert stranger.get("/static/ui/base.css").status_code == 200


@pytest.mark.parametrize(
    ("language", "title"), [("en", "There is nothing here"), ("zh-hans", "这里没有内容")]
)
def test_missing_pages_speak_the_readers_language(client_of, cast, language, title):
    answer = client_of(None, cast.anda, language=language).get("/nothing/")
    assert answer.status_code == 404
    assert title in answer.content.decode()


def test_forbidden_pages_say_whom_to_ask(client_of, cast):
    answer = client_of(cast.officer, cast.anda).get("/devices/")
    assert answer.status_code == 403
    assert "ask the person who manages accounts" in answer.content.decode()


def test_a_form_without_its_token_says_that_it_expired(cast):
    strict = Client(SERVER_NAME="anda.localhost", enforce_csrf_checks=True)
    answer = strict.post("/sign-in/", {"username": "x", "password": "y"})
    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()


def test_the_gallery_is_in_chinese_where_chinese_is_read(client_of, cast):
    page = client_of(None, cast.anda, language="zh-hans").get("/design/").content.decode()
    for text in ("安达租赁", "设计系统", "¥64.8亿", "广东", "已质押"):
        assert text in page


def test_a_user_sees_name_and_institution_in_the_menu(client_of, cast):
    page = client_of(cast.manager, cast.anda).get("/").content.decode()
    assert "Zhao Lei" in page
    assert ">ZL<" in page


def test_the_door_of_a_demo_offers_its_people(client_of, cast):
    door = client_of(None, cast.anda).get("/sign-in/").content.decode()
    assert 'data-person="manager@example.test"' in door
    assert "rival_manager@example.test" not in door


def test_the_door_of_others_offers_nobody(client_of, cast):
    cast.anda.is_demo = False
    cast.anda.save()
    door = client_of(None, cast.anda).get("/sign-in/").content.decode()
    assert "manager@example.test" not in door


def test_production_offers_nobody(client_of, cast, settings):
    settings.DEMO_ALLOWED = False
    door = client_of(None, cast.anda).get("/sign-in/").content.decode()
    assert "manager@example.test" not in door
