"""The plan of a web pair: what nginx and keepalived read, whose certificate it is, and what is promised."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from plan import make_plan
from plan.model import File
from settings import check_config
from tests.conftest import make_web
from tests.unit.settings_bad_web import GOOD_PEM, key, pem, web
from tests.unit.settings_config import changed

SITE = "/etc/nginx/mariadb-ha/web.conf"
PAGE = "/usr/local/share/mariadb-ha/web/web/index.html"
TLS = "/etc/nginx/mariadb-ha-tls/web.pem"


def files(changes: dict[str, Any] | None = None, host: str = "web1") -> dict[str, File]:
    """Files of a host by path."""
    return {file.path: file for file in make_plan(make_web(changes)).hosts[host].files}


@pytest.mark.parametrize(
    "section",
    [
        {},
        {"page": "<p>x</p>"},
        {"page_file": "README.md"},
        {"upstream": ["172.16.21.70:8080", "mdb1:8080"]},
        {"tls": {}},
        {"tls": {"certificate": GOOD_PEM, "private_key": pem(key(1)), "redirect": False}},
        {"tls": {"server_names": ["www.example.org"], "port": 8443}, "port": 8080},
        {"check_interval": 1, "preempt": False},
        {"members": {"web1": {"priority": 50}, "web2": {"priority": 60}}},
    ],
)
def test_good_sections(section: dict[str, Any]) -> None:
    assert check_config(changed(web(**section))) == []


def test_priorities_follow_the_order_as_in_the_seed() -> None:
    assert "priority 100" in files()["/etc/keepalived/conf.d/50-vrrp-web.conf"].content
    assert "priority 90" in files(host="web2")["/etc/keepalived/conf.d/50-vrrp-web.conf"].content


def test_the_look_at_nginx_is_tracked_with_weight_0() -> None:
    """A weighted script would never make a `nopreempt` holder give up; FAULT does."""
    found = files({"check_interval": 7})
    check = found["/etc/keepalived/conf.d/40-check-web.conf"].content
    assert "interval 7\n" in check
    assert "weight 0\n" in check
    assert re.search(
        r"track_script \{\s+own_address_web\s+web_nginx\s+\}", found["/etc/keepalived/conf.d/50-vrrp-web.conf"].content
    )


def test_what_nginx_and_keepalived_read_comes_with_the_step_and_is_judged() -> None:
    found = files({"tls": {}})
    for path, check in (
        (SITE, "nginx"),
        ("/etc/nginx/nginx.conf", "nginx"),
        ("/etc/keepalived/keepalived.conf", "keepalived"),
        ("/etc/keepalived/conf.d/40-check-web.conf", "keepalived"),
    ):
        assert (found[path].step, found[path].check) == ("web", check), path
    assert [file.path for file in found.values() if file.secret] == [TLS]


def test_the_users_page_and_the_welcome() -> None:
    assert files({"page": "<p>mine</p>"})[PAGE].content == "<p>mine</p>"
    assert "served by a web pair" in files()[PAGE].content
    assert files({"page_file": "docs/promotion.md"})[PAGE].content.startswith("# ")


def test_an_upstream_is_named_by_addresses() -> None:
    found = files({"upstream": ["web2:8080", "172.16.21.70:80"]})
    assert "server 172.16.21.62:8080 max_fails" in found[SITE].content
    assert "proxy_pass http://web;" in found[SITE].content
    assert PAGE not in found


def test_the_certificate_that_is_made_is_the_same_each_time_and_the_stacks_own() -> None:
    made = files({"tls": {"server_names": ["www.example.org"]}})[TLS]
    assert made == files({"tls": {"server_names": ["www.example.org"]}}, host="web2")[TLS]
    certificate = x509.load_pem_x509_certificate(made.content.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["www.example.org"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["172.16.21.60"]
    private = load_pem_private_key(made.content.partition("-----END CERTIFICATE-----")[2].encode(), password=None)
    assert private.public_key() == certificate.public_key()
    certificate.verify_directly_issued_by(certificate)
    assert (made.mode, made.secret) == ("0600", True)


def test_the_users_certificate_and_key_lie_in_one_file() -> None:
    """No reload can meet a certificate without its key."""
    found = files({"tls": {"certificate": GOOD_PEM, "private_key": pem(key(1))}})
    assert found[TLS].content == f"{GOOD_PEM.strip()}\n{pem(key(1)).strip()}\n"
    assert found[SITE].content.count(TLS) == 2


def test_http_redirects_to_https_unless_told_otherwise() -> None:
    assert "return 301 https://$host$request_uri;" in files({"tls": {}})[SITE].content
    assert "return 301 https://$host:8443$request_uri;" in files({"tls": {"port": 8443}})[SITE].content
    assert "return 301" not in files({"tls": {"redirect": False}})[SITE].content
    assert "return 301" not in files()[SITE].content


def test_this_host_can_ask_its_nginx_in_every_case() -> None:
    for tls in (None, {}, {"redirect": False}):
        assert files({"tls": tls} if tls is not None else {})[SITE].content.count("location = /.mariadb-ha {") == 1


def test_steps_begin_with_the_stand_by() -> None:
    plan = make_plan(make_web())
    assert [(step.host, step.waits_for) for step in plan.steps] == [("web2", ()), ("web1", ("web-up-web2",))]


def test_promises_and_endpoint() -> None:
    plan = make_plan(make_web({"check_interval": 3}))
    assert plan.promises == {"web-stop": 4.0, "director-stop": 0.49, "director-kill": 1.09, "vrrp-blocked": 1.0}
    assert (plan.entry.host, plan.entry.port) == ("172.16.21.60", 80) if plan.entry else False
    assert plan.components["web"].outputs["url"] == "http://172.16.21.60/"
    secure = make_plan(make_web({"tls": {"port": 8443}})).components["web"]
    assert secure.outputs["url"] == "https://172.16.21.60:8443/"
    assert secure.endpoints["web"].port == 8443


def test_the_firewall_lets_clients_and_the_other_agent_in() -> None:
    rules = files({"tls": {}})["/etc/nftables.d/input-web.nft"].content
    assert "tcp dport { 80, 443 } accept" in rules
    assert "ip saddr 172.16.21.62 tcp dport 9200 accept" in rules
