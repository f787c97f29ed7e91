import json
import pytest
from django_user_options.models import *

@pytest.mark.parametrize("encoding", ["json","form","query","multipart"])
def test_set(call, token, application, user, encoding, django_assert_num_queries):
    with django_assert_num_queries(5):
        r = call("user.option.set", {"options": {"data": "value", "d2": {"a": ["1","2"]}}}, token=token, encoding=encoding)
    print(r.content, r.headers)
    assert r.json()["result"] is True
    with django_assert_num_queries(2):
        r = call("user.option.get", {}, token=token, encoding=encoding)
    assert r.json()["result"] == {"data": "value", "d2": {"a": ["1","2"]}}
    r = call("User.Option.get.json/", {"option": "data"}, token=token, encoding=encoding)
    assert r.json()["result"] == "value"

def test_webhook(call, application, user):
    w, s = InboundWebhook.objects.issue(owner=user, application=application, scope="basic")
    for p in (f"/rest/{user.pk}/{s}/", f"/rest/{user.pk}/{s}//",f"/rest//{user.pk}/{s}//"):
        r = call("user.option.set", {"options": {"a": None}}, prefix=p)
        assert r.json()["result"] is True
    r = call("user.option.get", {}, prefix=p)
    assert r.json()["result"] == {"a": None}
    r = call("user.option.get", {}, prefix=f"/rest/9/{s}/")
    assert (r.status_code, r.json()) == (401, 0), r.content

def test_many(call, token, django_assert_num_queries):
    with django_assert_num_queries(5) as c:
        r = call("user.option.set", {"options": {str(i): i for i in range(100)}}, token=token)
    for q in c.captured_queries: print(q["sql"][:300])
    assert r.json() == {}
